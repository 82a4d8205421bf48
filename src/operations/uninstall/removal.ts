import { redact } from '../../core/redaction.ts';
import { SQLSTATE } from '../../core/sqlstate.ts';
import { type UnendedTask, uninstallRefusal } from '../../core/uninstall.ts';
import type { Database } from '../../database/database.ts';
import { databaseError, failureCode } from '../../database/database-error.ts';
import { lockInstallation } from '../../database/schema/install.ts';
import type { Transaction } from '../../database/session.ts';
import { COUNT_ALL } from '../../database/statements/uninstall.ts';
import { RelytError } from '../../errors.ts';
import { type Installed, readInstalled, removalOf } from './installed-objects.ts';
import { type Holdings, readHoldings } from './read-held.ts';

/** What was removed, or would be, and what it held. */
export interface UninstallPlan extends Installed {
  readonly holdings: Holdings;
  /** SQL, in its order. */
  readonly statements: readonly string[];
}

export interface RemovalOptions {
  /** Also what a resume needs, and rejected records. */
  readonly discard: boolean;
  /** What may be discarded: of a rehearsal that was shown. Tasks and rejected records that came after it are not. */
  readonly shown?: Holdings | undefined;
}

/** Ends a transaction that was only to show whether it would succeed. */
class Rehearsed extends Error {
  readonly removal: UninstallPlan;

  constructor(removal: UninstallPlan) {
    super('rehearsed');
    this.removal = removal;
  }
}

/** Drops everything and takes it back: what would refuse the removal refuses it now. */
export async function rehearse(
  database: Database,
  options: RemovalOptions,
): Promise<UninstallPlan> {
  try {
    return await withDrops(database, options, (removal) => {
      if (removal.objects.length > 0) throw new Rehearsed(removal);
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.removal;
    throw error;
  }
}

/** Drops everything in one transaction, or nothing. */
export function remove(database: Database, options: RemovalOptions): Promise<UninstallPlan> {
  return withDrops(database, options, () => undefined);
}

async function withDrops(
  database: Database,
  options: RemovalOptions,
  afterwards: (removal: UninstallPlan) => void,
): Promise<UninstallPlan> {
  try {
    return await database.transaction(async (transaction) => {
      const removal = await drop(transaction, options);
      afterwards(removal);
      return removal;
    });
  } catch (error) {
    throw error instanceof Rehearsed ? error : asRefusal(error);
  }
}

async function drop(transaction: Transaction, options: RemovalOptions): Promise<UninstallPlan> {
  await transaction.execute(lockInstallation());
  for (const statement of COUNT_ALL) await transaction.execute(statement);
  const installed = await readInstalled(transaction);
  const tables = installed.objects.filter(({ kind }) => kind === 'table').map(({ name }) => name);
  // From here on no task begins, ends or goes on.
  if (tables.length > 0) {
    await transaction.execute({
      name: 'lockInstalled',
      text: `lock table ${tables.join(', ')} in access exclusive mode`,
    });
  }
  const holdings = await readHoldings(transaction, new Set(tables));
  refuse(holdings, options);
  const statements = removalOf(installed.objects);
  for (const statement of statements) await transaction.execute(statement);
  return { ...installed, holdings, statements: statements.map(({ text }) => text) };
}

function refuse(holdings: Holdings, { discard, shown }: RemovalOptions): void {
  const refusal = uninstallRefusal(holdings, discard && !holdsMore(holdings, shown));
  if (refusal === undefined) return;
  const { message, hint } = refusal;
  throw new RelytError('UNINSTALL_REFUSED', message, { hint });
}

function holdsMore(now: Holdings, shown: Holdings | undefined): boolean {
  if (shown === undefined) return false;
  const known = new Set(shown.tasks.map(({ processId }: UnendedTask) => processId));
  return now.rejected > shown.rejected || now.tasks.some(({ processId }) => !known.has(processId));
}

function asRefusal(error: unknown): RelytError {
  const failure = databaseError(error, 'remove what `relyt init` made');
  const { details, cause } = failure;
  switch (failureCode(error)) {
    case SQLSTATE.dependentObjectsStillExist: {
      // The server's own message recommends CASCADE.
      const { detail = '' } = error as { readonly detail?: string };
      const dependents = redact(detail).replaceAll('\n', '; ');
      return new RelytError(
        'UNINSTALL_REFUSED',
        `Other objects depend on what would be removed: ${dependents}.`,
        {
          hint: 'Drop each of them, or change it so that it does without. Then run this again.',
          details,
          cause,
        },
      );
    }
    case SQLSTATE.lockNotAvailable:
      return new RelytError(
        'UNINSTALL_REFUSED',
        'Another session has used a table of relyt_sys for more than 10 seconds.',
        { hint: 'Wait until it has ended. Then run this again.', details, cause },
      );
    default:
      return failure;
  }
}
