import type { GroupColumn } from './group-column.ts';
import type { TargetTable } from './target-table.ts';

/** The second table of a load, and which rows belong there: those of some groups. */
export interface AuxiliaryTarget {
  readonly table: TargetTable;
  readonly groupColumn: GroupColumn;
  /** Quoted name of the table that lists the groups of the auxiliary table. */
  readonly routingTable: string;
  /** How it spells a group. */
  readonly idType: 'text' | 'bigint';
  /** Columns of the main table that hold a value of their own, as they are now. */
  readonly ownColumns: readonly string[];
  /** Groups a migration has begun to move and not ended, as text: some of their rows may be in both tables. */
  readonly onTheWay: readonly string[];
  /** Those of them that still live where they were: what an import writes there must be copied as well. */
  readonly copying: readonly string[];
}
