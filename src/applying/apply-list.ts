import type { ApplyStep } from './apply-step.ts';
import { bringHome } from './bring-home.ts';
import { skipElsewhere } from './other-table.ts';
import type { InsertPlan } from './plan.ts';
import { routesOf } from './routes.ts';
import { insertRows, upsertRows } from './upsert.ts';

/**
 * The steps that apply rows: all of an import, or a range of them. `rows` is a relation in SQL that holds each
 * key once, or all rows as they came where keys are not looked at; with their types, and with their route.
 */
export function applyList(plan: InsertPlan, rows: string): readonly ApplyStep[] {
  return routesOf(plan, rows).flatMap((route) => {
    if (route.plan.mode === 'insert') return [insertRows(route.plan, route.rows)];
    return [...bringHome(route), ...upsertRows(route.plan, skipElsewhere(route))];
  });
}
