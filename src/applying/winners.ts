import { ORDINAL_COLUMN } from '../core/reserved-columns.ts';
import { ident } from '../database/statement.ts';
import type { ApplyStep } from './apply-step.ts';
import { type InsertPlan, keyExpressions, nonKeyColumns } from './plan.ts';

/**
 * Each key of a relation once, with the row that wins: the last ordinal an update, the first one `nothing` (G3).
 * @param others columns of the relation that are not columns of the target, except the ordinal
 */
export function winnersOf(
  plan: InsertPlan,
  relation: string,
  others: readonly string[] = [],
): string {
  const key = keyExpressions(plan);
  const direction = plan.mode === 'update' ? 'desc' : 'asc';
  return `select distinct on (${key}) ${winningValues(plan, others)} from ${relation} s order by ${key}, ${ident(ORDINAL_COLUMN)} ${direction}`;
}

/**
 * Where an update sets some columns only, the others are those of the first record of the key: as if each record had
 * been written by itself.
 */
function winningValues(plan: InsertPlan, others: readonly string[]): string {
  if (plan.mode !== 'update' || plan.updateColumns === undefined) return '*';
  const own = new Set([...plan.table.key, ...nonKeyColumns(plan)]);
  const inOrder = `(partition by ${keyExpressions(plan)} order by ${ident(ORDINAL_COLUMN)})`;
  const values = plan.columns.map(({ name }) =>
    own.has(name)
      ? ident(name)
      : `pg_catalog.first_value(${ident(name)}) over ${inOrder} as ${ident(name)}`,
  );
  return [...values, ...others.map(ident), ident(ORDINAL_COLUMN)].join(', ');
}

/** How many winners a relation has. */
export function countWinners(plan: InsertPlan, relation: string): ApplyStep {
  return {
    name: 'count keys',
    text: `select pg_catalog.count(*) as winners from (select distinct ${keyExpressions(plan)} from ${relation} s) k`,
    result: { returns: ['winners'] },
    firesCode: true,
  };
}
