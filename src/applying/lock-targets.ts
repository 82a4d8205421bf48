import type { ApplyStep } from './apply-step.ts';
import { type InsertPlan, nameOf } from './plan.ts';

/**
 * Keeps other writers out where what is missing now must still be missing when it is inserted. Where a change locks a
 * whole table, two imports that change two tables would wait for each other: both are locked before, in one order.
 */
export function lockTargets({ dialect, mode, table, auxiliary }: InsertPlan): readonly ApplyStep[] {
  if (mode === 'insert') return [];
  const isNeeded = !dialect.onConflict || (auxiliary !== undefined && dialect.distributed);
  if (!isNeeded) return [];
  const tables = auxiliary === undefined ? [table] : [table, auxiliary.table];
  const text = `lock table ${tables.map(nameOf).join(', ')} in exclusive mode`;
  return [{ name: 'lock', text }];
}
