import type { GroupColumn } from '../core/group-column.ts';
import { AUXILIARY_SUFFIX, ROUTING_SUFFIX, VIEW_SUFFIX } from '../core/routing-suffixes.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';

/** A main table with its auxiliary one, and the routing table that says which groups live in the auxiliary one. */
export interface RoutedTable {
  readonly main: TargetTable;
  readonly auxiliary: TargetTable;
  readonly routing: RoutingTable;
  readonly groupColumn: GroupColumn;
}

/** A group lives in the auxiliary table iff it has a row here, whatever `store_table_name` says there. */
export interface RoutingTable {
  readonly schema: string;
  readonly name: string;
  /** A group stands here as the text of its column's value, or as a whole number. */
  readonly idType: 'text' | 'bigint';
  /** What `store_table_name` holds for the auxiliary table; with its schema where the rows there are have it. */
  readonly storeName: string;
}

export const ROUTING_SCHEMA = 'relyt_sys';

/** Names of what belongs to a main table; those of the Go SDK, except for the view. */
export function routingNames(table: string): {
  readonly auxiliary: string;
  readonly routing: string;
  readonly view: string;
} {
  return {
    auxiliary: `${table}${AUXILIARY_SUFFIX}`,
    routing: `${table}${ROUTING_SUFFIX}`,
    view: `${table}${VIEW_SUFFIX}`,
  };
}

/** The group column as the main table has it. */
export function groupColumnOf({ main, groupColumn }: RoutedTable): TargetColumn | undefined {
  return main.columns.find((column) => column.name === groupColumn.main);
}
