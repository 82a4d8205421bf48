import type { Dialect } from '../core/dialect.ts';
import type { RetryLimits } from '../core/retry-policy.ts';
import type { Database } from '../database/database.ts';
import { failureCode } from '../database/database-error.ts';
import type { Transaction } from '../database/session.ts';
import type { GroupMove } from '../database/statements/move-parts.ts';
import type { MoveDirection } from '../database/statements/move-row.ts';
import { changeRouting } from '../database/statements/routing.ts';
import { repeat } from '../repeat.ts';
import type { RoutedTable } from '../routing/routed-table.ts';
import { afterFailedMove } from './failed-move.ts';
import { groupMove } from './group-move.ts';
import type { ResolvedMigration } from './migrate-options.ts';
import { holdRouted } from './read-routed.ts';

/** What the migration of one table works with. */
export interface MigratedTable {
  readonly database: Database;
  readonly dialect: Dialect;
  readonly routed: RoutedTable;
  /** Main table, as schema.table. */
  readonly mainTable: string;
  /** This process, and this use of the table by it. */
  readonly owner: string;
  readonly options: ResolvedMigration;
}

export function moveOfGroup(
  migrated: MigratedTable,
  direction: MoveDirection,
  group: string,
): GroupMove {
  return groupMove(migrated.routed, { direction, group });
}

export function opposite(direction: MoveDirection): MoveDirection {
  return direction === 'to-auxiliary' ? 'to-main' : 'to-auxiliary';
}

/** One of the two tables, for a message. */
export function sideName({ routed }: MigratedTable, side: 'main' | 'auxiliary'): string {
  return `${routed[side].schema}.${routed[side].name}`;
}

/** No time has to pass: the session that was in the way has ended. */
const AT_ONCE: RetryLimits = { attempts: 5, baseMs: 0, maxMs: 0 };

/** The work in one transaction of a move; `now` is the migrated table as it stays until its end. */
export type MoveWork<T> = (transaction: Transaction, now: MigratedTable) => Promise<T>;

/**
 * One transaction under the routing lock: every import is over before it or begins after it, so an import sees a
 * group entirely before or entirely after what happens here.
 */
export function routingTransaction<T>(migrated: MigratedTable, work: MoveWork<T>): Promise<T> {
  const { schema, name } = migrated.routed.routing;
  return attempts(migrated, async (transaction) => {
    await transaction.execute(changeRouting(schema, name));
    return work(transaction, await held(transaction, migrated));
  });
}

/** One transaction without the routing lock. */
export function moveTransaction<T>(migrated: MigratedTable, work: MoveWork<T>): Promise<T> {
  return attempts(migrated, async (transaction) =>
    work(transaction, await held(transaction, migrated)),
  );
}

async function held(transaction: Transaction, migrated: MigratedTable): Promise<MigratedTable> {
  const { routed, dialect, options } = migrated;
  const { groupColumn } = options;
  return { ...migrated, routed: await holdRouted(transaction, dialect, { routed, groupColumn }) };
}

function attempts<T>(
  { database, options: { signal } }: MigratedTable,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const once = () => database.transaction(work, signal);
  const retried = { step: 'migrate', processId: undefined } as const;
  const classify = (error: unknown, attempt: number) =>
    signal.aborted ? 'permanent' : afterFailedMove(failureCode(error), attempt);
  return repeat(once, { retried, limits: AT_ONCE, classify });
}
