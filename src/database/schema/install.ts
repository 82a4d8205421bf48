import type { Dialect } from '../../core/dialect.ts';
import { SQLSTATE } from '../../core/sqlstate.ts';
import { RelytError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { databaseError, failureCode } from '../database-error.ts';
import type { Reader } from '../session.ts';
import { SCRIPT_PATH } from '../session-rules.ts';
import { ident, literal, type Statement } from '../statement.ts';
import { FOREIGN_CODE_GUARD } from '../statements/foreign-code.ts';
import { foreignCodeToMend } from './foreign-code.ts';
import { grantSql } from './loader-rights.ts';
import {
  CREATE_SCHEMA,
  createLedger,
  MIGRATIONS,
  type Migration,
  migrationsFor,
} from './migrations.ts';

/** Serialises installers of one database; released with their transaction. */
const INSTALL_LOCK = 7_235_894_016_001;

export const lockInstallation = (): Statement => ({
  name: 'lockInstallation',
  text: 'select pg_advisory_xact_lock($1)',
  values: [INSTALL_LOCK],
});

export interface InstallOptions {
  readonly engine: string;
  readonly dialect: Dialect;
  /** Roles that get the rights a loader needs. */
  readonly roles?: readonly string[];
}

const appliedMigrations = (): Statement => ({
  name: 'appliedMigrations',
  text: 'select number from relyt_sys.relyt_loader_migration order by number',
});

const recordMigration = (migration: Migration): Statement => ({
  name: 'recordMigration',
  text: 'insert into relyt_sys.relyt_loader_migration (number, name, applied_at) values ($1, $2, now())',
  values: [migration.number, migration.name],
});

const ledgerExists = (): Statement => ({
  name: 'ledgerExists',
  // A view of that name would run whatever its owner wrote into it.
  text: `select exists (
  select from pg_catalog.pg_class where oid = to_regclass('relyt_sys.relyt_loader_migration') and relkind in ('r', 'p')
) as found`,
});

/**
 * Creates or upgrades the schema `relyt_sys` in one transaction; does nothing when it is up to date.
 * Any number of clients may call it at once: they queue on an advisory lock.
 * @returns the numbers of the migrations this call applied.
 */
export async function installSchema(
  database: Database,
  options: InstallOptions,
): Promise<number[]> {
  try {
    return await database.transaction(async (transaction) => {
      await transaction.execute(lockInstallation());
      for (const text of await foreignCodeToMend(transaction, options.dialect))
        await transaction.execute({ name: 'mendForeignCode', text });
      await transaction.execute({ name: 'createSchema', text: CREATE_SCHEMA });
      await transaction.execute({ name: 'createLedger', text: createLedger(options.dialect) });
      const pending = missingAfter(await numbersApplied(transaction), options.engine);
      for (const migration of pending) {
        await transaction.execute({ name: 'migrate', text: migration.sql(options.dialect) });
        await transaction.execute(recordMigration(migration));
      }
      for (const role of options.roles ?? []) {
        for (const text of grantSql(role, ident(role), options.engine))
          await transaction.execute({ name: 'grantLoader', text });
      }
      return pending.map((migration) => migration.number);
    });
  } catch (error) {
    throw databaseError(error, 'install the schema relyt_sys');
  }
}

async function numbersApplied(session: Reader): Promise<ReadonlySet<number>> {
  const rows = await session.query<{ number: number }>(appliedMigrations());
  return new Set(rows.map((row) => row.number));
}

/** Migrations that an engine lacks where these are applied. @throws RelytError SCHEMA_TOO_NEW */
export function missingAfter(applied: ReadonlySet<number>, engine: string): readonly Migration[] {
  const newest = Math.max(...MIGRATIONS.map((migration) => migration.number));
  const unknown = [...applied].filter((number) => number > newest);
  if (unknown.length > 0) {
    throw new RelytError(
      'SCHEMA_TOO_NEW',
      `relyt_sys has migration ${Math.max(...unknown)}, but this version knows at most ${newest}.`,
    );
  }
  return migrationsFor(engine).filter((migration) => !applied.has(migration.number));
}

/**
 * Makes sure the schema is there before a task starts: installs it where the role may.
 * @throws RelytError SCHEMA_MISSING with what to run when the role cannot.
 */
export async function ensureSchema(database: Database, options: InstallOptions): Promise<void> {
  await installMissing(database, options, await missingMigrations(database, options.engine));
}

/**
 * Installs what `missingMigrations` found, where the role may.
 * @throws RelytError SCHEMA_MISSING with what to run when the role cannot.
 */
export async function installMissing(
  database: Database,
  options: InstallOptions,
  missing: readonly Migration[],
): Promise<void> {
  if (missing.length === 0) return;
  try {
    await installSchema(database, options);
  } catch (error) {
    if (failureCode(error) !== SQLSTATE.insufficientPrivilege) throw error;
    throw mayNotInstall(missing, error);
  }
}

/** The error for a role that cannot install the missing migrations. */
export function mayNotInstall(missing: readonly Migration[], cause: unknown): RelytError {
  return new RelytError(
    'SCHEMA_MISSING',
    `The schema relyt_sys lacks ${missing.map((migration) => migration.name).join(', ')}, and this role is not allowed to create it.`,
    { cause },
  );
}

export async function missingMigrations(
  session: Reader,
  engine: string,
): Promise<readonly Migration[]> {
  return missingAfter(await readApplied(session), engine);
}

/** Numbers of the migrations that are applied. @throws RelytError DATABASE_PERMISSION_DENIED, DATABASE_… */
export async function readApplied(session: Reader): Promise<ReadonlySet<number>> {
  try {
    const [row] = await session.query<{ found: boolean }>(ledgerExists());
    return row?.found ? await numbersApplied(session) : new Set();
  } catch (error) {
    // Without USAGE on the schema nothing of it can be seen.
    if (failureCode(error) === SQLSTATE.insufficientPrivilege) {
      throw new RelytError(
        'DATABASE_PERMISSION_DENIED',
        'This role is not allowed to use the schema relyt_sys.',
        {
          cause: error,
        },
      );
    }
    throw databaseError(error, 'look at the schema relyt_sys');
  }
}

/** The whole installation as a script for an administrator. Safe to run again. */
export function installScript(options: InstallOptions): string {
  const body = migrationsFor(options.engine).map((migration) => {
    const record = `insert into relyt_sys.relyt_loader_migration (number, name, applied_at) values (${migration.number}, ${literal(migration.name)}, now());`;
    return `  if not exists (select from relyt_sys.relyt_loader_migration where number = ${migration.number}) then
    execute ${dollarQuoted(migration.sql(options.dialect))};
    ${record}
  end if;`;
  });
  const grants = (options.roles ?? []).flatMap((role) =>
    grantSql(role, ident(role), options.engine),
  );
  return [
    `-- relyt-sdk: schema relyt_sys for engine ${options.engine}`,
    'begin;',
    SCRIPT_PATH,
    `select pg_advisory_xact_lock(${INSTALL_LOCK});`,
    `${FOREIGN_CODE_GUARD};`,
    `${CREATE_SCHEMA};`,
    `${createLedger(options.dialect)};`,
    `do $relyt_install$\nbegin\n${body.join('\n')}\nend $relyt_install$;`,
    ...grants.map((text) => (text.startsWith('--') ? text : `${text};`)),
    'commit;',
    '',
  ].join('\n');
}

function dollarQuoted(text: string): string {
  return `$relyt_migration$${text}$relyt_migration$`;
}
