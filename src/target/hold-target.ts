import type { Dialect } from '../core/dialect.ts';
import type { ConflictMode } from '../core/import-counts.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import type { Transaction } from '../database/session.ts';
import { type HeldTables, holdTable } from './hold-table.ts';
import type { RoutedTarget } from './routed-target.ts';

/** What an import writes to. */
export interface HeldTarget {
  readonly table: TargetTable;
  /** The staged columns. */
  readonly columns: readonly TargetColumn[];
  readonly mode: ConflictMode;
  /** The only columns that an update sets; undefined for all that are not part of the key. */
  readonly updateColumns?: readonly string[] | undefined;
  /** Undefined where the table is not looked up in the routing. */
  readonly routed?: RoutedTarget;
}

/**
 * Holds the target, and the auxiliary table of a routed one, until the end of the transaction: columns, groups and
 * moves stay as they are found here.
 * @throws RelytError TABLE_CHANGED, ROUTING_INVALID
 */
export async function holdTarget(
  transaction: Transaction,
  { table, columns, mode, routed }: HeldTarget,
  dialect: Dialect,
): Promise<HeldTables> {
  if (routed !== undefined) return routed.hold(transaction, { columns, mode });
  const held = await holdTable(transaction, { table, mode, dialect, asksMerge: true }, columns);
  return { ...held, auxiliary: null, beside: undefined };
}
