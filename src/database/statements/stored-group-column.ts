import type { GroupColumn } from '../../core/group-column.ts';
import type { Statement } from '../statement.ts';

/** Of `relyt_sys`: the column of the groups of each table that was set up. */
export const GROUP_COLUMNS_TABLE = 'relyt_loader_routing';

/** The columns stored for a main table, given as schema.table; no row for tables that were not set up with this package. */
export const storedGroupColumn = (mainTable: string): Statement => ({
  name: 'storedGroupColumn',
  text: `select main_column as main, auxiliary_column as auxiliary from relyt_sys.relyt_loader_routing where main_table = $1`,
  values: [mainTable],
});

export const forgetGroupColumn = (mainTable: string): Statement => ({
  name: 'forgetGroupColumn',
  text: 'delete from relyt_sys.relyt_loader_routing where main_table = $1',
  values: [mainTable],
});

export const storeGroupColumn = (
  mainTable: string,
  { main, auxiliary }: GroupColumn,
): Statement => ({
  name: 'storeGroupColumn',
  text: 'insert into relyt_sys.relyt_loader_routing (main_table, main_column, auxiliary_column) values ($1, $2, $3)',
  values: [mainTable, main, auxiliary],
});
