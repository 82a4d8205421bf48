import { literal } from '../database/statement.ts';
import { type InsertPlan, nameOf } from './plan.ts';

/**
 * SQL expression: rows of the table, its partitions included, that this session has updated. Asking each row
 * instead (RETURNING xmax) costs a quarter of the import and does not work on partitioned tables.
 * A backend reports its finished transactions only once a second, and counts what was rolled back as well, so the
 * value before the statement has to be subtracted from the one after it.
 */
export function updatedRows({ table }: InsertPlan): string {
  const target = `${literal(nameOf(table))}::pg_catalog.regclass`;
  if (table.kind === 'table') return `pg_catalog.pg_stat_get_xact_tuples_updated(${target})`;
  return `(select pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_updated(relid)) from pg_catalog.pg_partition_tree(${target}))`;
}
