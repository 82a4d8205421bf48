import { ORDINAL_COLUMN } from '../core/reserved-columns.ts';
import { ident } from '../database/statement.ts';
import type { ApplyStep } from './apply-step.ts';
import { type InsertPlan, keyExpressions } from './plan.ts';

/** Each key of a relation once, with the row that wins: the last ordinal an update, the first one `nothing` (G3). */
export function winnersOf(plan: InsertPlan, relation: string): string {
  const key = keyExpressions(plan);
  const direction = plan.mode === 'update' ? 'desc' : 'asc';
  return `select distinct on (${key}) * from ${relation} s order by ${key}, ${ident(ORDINAL_COLUMN)} ${direction}`;
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
