/** A plan of three columns and a key of two, in another order. */

import type { InsertPlan } from '../../../src/applying/plan.ts';
import type { AuxiliaryTarget } from '../../../src/core/auxiliary-target.ts';
import { POSTGRESQL } from '../../../src/core/dialect.ts';
import { targetColumn, targetTable } from '../records/target-fixture.ts';

export const id = targetColumn('Id', 'int4');
export const day = targetColumn('day', 'date');
export const v = targetColumn('v', 'text');

export function planOf(plan: Partial<InsertPlan> = {}): InsertPlan {
  const columns = plan.columns ?? [day, id, v];
  return {
    dialect: POSTGRESQL,
    ...{ table: targetTable(columns, ['Id', 'day']), columns, mode: 'update', reduceKeys: false },
    upsertBy: 'on conflict',
    source: 'pg_temp.ext',
    ...plan,
  };
}

/** A plan for two tables, whose key does not hold the group unless it is told. */
export function routedPlan(plan: Partial<InsertPlan> = {}, groups = {}): InsertPlan {
  const group = targetColumn('group_id', 'int4');
  const columns = [id, group, v];
  const main = targetTable(columns, ['Id']);
  const auxiliary: AuxiliaryTarget = {
    table: { ...main, name: 't_relyt_massive_group' },
    groupColumn: { main: 'group_id', auxiliary: 'group_id' },
    routingTable: '"relyt_sys"."t_relyt_routing"',
    idType: 'text',
    ownColumns: columns.map(({ name }) => name),
    onTheWay: [],
    copying: [],
    ...groups,
  };
  return planOf({ table: main, columns, auxiliary, ...plan });
}
