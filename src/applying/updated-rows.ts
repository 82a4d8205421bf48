import { literal, qualified } from '../database/statement.ts';
import type { InsertPlan } from './insert-statement.ts';

/**
 * SQL expression: rows of the table, its partitions included, that this session has updated. Asking each row
 * instead (RETURNING xmax) costs a quarter of the import and does not work on partitioned tables.
 * A backend reports its finished transactions only once a second, so the value before the statement has to be
 * subtracted from the one after it. Where rows live on segments nobody knows: what updates there counts by itself.
 */
export function updatedRows({ table, dialect }: InsertPlan): string {
  if (dialect.distributed) return '0';
  const target = `${literal(qualified(table.schema, table.name))}::pg_catalog.regclass`;
  return `(select coalesce(pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_updated(relid)), 0)
  from (select ${target} as relid union select relid from pg_catalog.pg_partition_tree(${target})) part)`;
}
