import type { AuxiliaryTarget } from '../core/auxiliary-target.ts';
import type { Dialect } from '../core/dialect.ts';
import type { ConflictMode } from '../core/import-counts.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import type { Transaction } from '../database/session.ts';
import { holdTable } from './hold-table.ts';
import type { RoutedTarget } from './routed-target.ts';

/** What an import writes to. */
export interface HeldTarget {
  readonly table: TargetTable;
  /** The staged columns. */
  readonly columns: readonly TargetColumn[];
  readonly mode: ConflictMode;
  /** Undefined where the table is not looked up in the routing. */
  readonly routed?: RoutedTarget;
}

/**
 * Holds the target, and the auxiliary table of a routed one, until the end of the transaction: columns, groups and
 * moves stay as they are found here. Returns where rows go; undefined when all go to the table itself.
 * @throws RelytError TABLE_CHANGED, ROUTING_INVALID
 */
export async function holdTarget(
  transaction: Transaction,
  { table, columns, mode, routed }: HeldTarget,
  dialect: Dialect,
): Promise<AuxiliaryTarget | undefined> {
  if (routed !== undefined) return routed.hold(transaction, { columns, mode });
  await holdTable(transaction, { table, mode, dialect }, columns);
  return undefined;
}
