import { literal } from '../database/statement.ts';
import type { RowStatistics } from './apply-step.ts';
import { type InsertPlan, nameOf } from './plan.ts';

/**
 * Rows of the table, its partitions included, that this session has changed. Asking each row instead (RETURNING xmax)
 * costs a quarter of the import and does not work on partitioned tables.
 * A backend reports its finished transactions only once a second, and counts what was rolled back as well, so the
 * value before the statement must be subtracted from the one after it.
 */
export function rowStatistics(plan: InsertPlan): RowStatistics {
  return {
    updated: changedRows(plan, 'updated'),
    added: changedRows(plan, 'inserted'),
  };
}

function changedRows({ table }: InsertPlan, change: 'updated' | 'inserted'): string {
  const target = `${literal(nameOf(table))}::pg_catalog.regclass`;
  const count = `pg_catalog.pg_stat_get_xact_tuples_${change}`;
  if (table.kind === 'table') return `${count}(${target})`;
  return `(select pg_catalog.sum(${count}(relid)) from pg_catalog.pg_partition_tree(${target}))`;
}
