import type { AuxiliaryTarget } from '../core/auxiliary-target.ts';
import { auxiliaryName } from '../core/group-column.ts';
import type { TargetTable } from '../core/target-table.ts';
import { equalKey, type KeyColumn, ownKey } from './equal-key.ts';
import { type InsertPlan, isKeyStaged, nameOf } from './plan.ts';
import { isShadow, type Route } from './routes.ts';

/**
 * Whether the other one of two tables has a key. It may where the group is not part of the key: a record's group may
 * have changed since its row was written.
 */

/** A route of two, whose key may be in the other table. */
export interface CrossedRoute extends Route {
  readonly auxiliary: AuxiliaryTarget;
  readonly other: TargetTable;
}

/** Undefined where the other table cannot have a key of this route: there is none, or a key means one group, and that one table. */
export function crossed(route: Route): CrossedRoute | undefined {
  const { plan, other } = route;
  const { auxiliary } = plan;
  if (auxiliary === undefined || other === undefined) return undefined;
  const { main, auxiliary: there } = auxiliary.groupColumn;
  const keyHoldsGroup = plan.table.key.some((name) => name === main || name === there);
  return keyHoldsGroup ? undefined : { ...route, auxiliary, other };
}

/** The rows of this route, less those whose key the other table has: with `nothing` they are skipped. */
export function skipElsewhere(route: Route): string {
  const both = crossed(route);
  if (both === undefined || route.plan.mode !== 'nothing') return route.rows;
  return `(select * from ${route.rows} w where not exists (select 1 from ${nameOf(both.other)} o where ${livesElsewhere(both)}))`;
}

/** Counts the rows whose key this import wrote here while the other table has it; undefined where there can be none. */
export function keyInBoth(route: Route): string | undefined {
  const { plan, rows } = route;
  const both = crossed(route);
  if (both === undefined || !isKeyStaged(plan)) return undefined;
  // A key that was in both tables before is not this import's to judge, unless an update has resolved it.
  const mine =
    plan.mode === 'nothing'
      ? `h.xmin::pg_catalog.text operator(pg_catalog.=) (pg_catalog.txid_current() operator(pg_catalog.%) 4294967296)::pg_catalog.text and `
      : '';
  return `select pg_catalog.count(*) as found from ${rows} w join ${nameOf(both.other)} o on ${livesElsewhere(both)}
where exists (select 1 from ${nameOf(plan.table)} h where ${mine}${equalKey(plan, ownKey(plan), 'h')})`;
}

/** The row `o` of the other table has the key of the staged row `w`. */
export function sameKeyElsewhere({ plan, auxiliary, other }: CrossedRoute): string {
  return equalKey(plan, otherKey(plan, auxiliary, other), 'o');
}

/** … and not as a shadow: the row it belongs to may be gone since. */
export function livesElsewhere(route: CrossedRoute): string {
  const same = sameKeyElsewhere(route);
  const shadow = isShadow(route.auxiliary, route.other, 'o');
  return shadow === undefined ? same : `${same} and not ${shadow}`;
}

/** The plan of a route names columns as its own table does; the other one may name the group otherwise. */
function otherKey(
  { table }: InsertPlan,
  { table: auxiliaryTable, groupColumn }: AuxiliaryTarget,
  other: TargetTable,
): readonly KeyColumn[] {
  return table.key.map((ours) => {
    if (other === auxiliaryTable) return { ours, theirs: auxiliaryName(groupColumn, ours) };
    return { ours, theirs: ours === groupColumn.auxiliary ? groupColumn.main : ours };
  });
}
