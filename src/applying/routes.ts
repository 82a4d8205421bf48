import type { AuxiliaryTarget } from '../core/auxiliary-target.ts';
import { auxiliaryName } from '../core/group-column.ts';
import { ROUTED_COLUMN } from '../core/reserved-columns.ts';
import type { TargetTable } from '../core/target-table.ts';
import { ident, literal } from '../database/statement.ts';
import type { InsertPlan } from './plan.ts';

/** One of the tables a load writes: its own plan, and the staged rows that belong there, as a relation in SQL. */
export interface Route {
  readonly plan: InsertPlan;
  readonly rows: string;
  /** The other one of two. */
  readonly other: TargetTable | undefined;
}

/** The tables that the rows of `staged` go to. */
export function routesOf(plan: InsertPlan, staged: string): readonly Route[] {
  const { auxiliary, table } = plan;
  if (auxiliary === undefined) return [{ plan, rows: staged, other: undefined }];
  const flag = ident(ROUTED_COLUMN);
  const route = (routePlan: InsertPlan, condition: string, other: TargetTable): Route => ({
    plan: routePlan,
    rows: `(select ${renamed(plan, routePlan)} from ${staged} s where ${condition})`,
    other,
  });
  return [
    route(plan, `not s.${flag}`, auxiliary.table),
    route(auxiliaryPlan(plan, auxiliary), `s.${flag}`, table),
  ];
}

/** The rows of `relation` with the column that tells where each belongs; `relation` as it is where nothing is routed. */
export function withRoute(plan: InsertPlan, relation: string): string {
  const { auxiliary } = plan;
  if (auxiliary === undefined) return relation;
  const column = plan.columns.find(({ name }) => name === auxiliary.groupColumn.main);
  const flag =
    column === undefined ? 'false' : livesInAuxiliary(auxiliary, `s.${ident(column.name)}`);
  return `(select s.*, ${flag} as ${ident(ROUTED_COLUMN)} from ${relation} s)`;
}

/** Whether a group, given as an expression of the type of its column, lives in the auxiliary table. NULL never does. */
function livesInAuxiliary({ routingTable, idType }: AuxiliaryTarget, group: string): string {
  // The routing table's own column stays bare, so that its index can be used.
  const spelled = idType === 'text' ? spelledGroup(group) : group;
  return `exists (select 1 from ${routingTable} r where r.routing_id operator(pg_catalog.=) ${spelled})`;
}

/** Whether a group, given as an expression, is one of these. */
export function isOneOf(groups: readonly string[], group: string): string {
  const listed = groups.map(literal).join(', ');
  return `${spelledGroup(group)} operator(pg_catalog.=) any(array[${listed}]::pg_catalog.text[])`;
}

/** As the routing table has it: in the collation of the database, where only the same texts are equal. */
function spelledGroup(group: string): string {
  return `${group}::pg_catalog.text collate pg_catalog."default"`;
}

/**
 * Whether the row `alias` of one of the two tables is a shadow: of a group on its way that lives in the other table.
 * It is there for the migration only. Undefined where no group is on its way.
 */
export function isShadow(
  auxiliary: AuxiliaryTarget,
  table: TargetTable,
  alias: string,
): string | undefined {
  if (auxiliary.onTheWay.length === 0) return undefined;
  const inAuxiliary = table === auxiliary.table;
  const { groupColumn } = auxiliary;
  const group = `${alias}.${ident(inAuxiliary ? groupColumn.auxiliary : groupColumn.main)}`;
  const lives = livesInAuxiliary(auxiliary, group);
  return `(${isOneOf(auxiliary.onTheWay, group)} and ${inAuxiliary ? `not ${lives}` : lives})`;
}

/** Pairs of columns of the two tables that hold the same, those the database computes left out. */
export function pairedColumns(
  auxiliary: AuxiliaryTarget,
): readonly { readonly main: string; readonly auxiliary: string }[] {
  return auxiliary.ownColumns.map((name) => ({
    main: name,
    auxiliary: auxiliaryName(auxiliary.groupColumn, name),
  }));
}

function auxiliaryPlan(plan: InsertPlan, auxiliary: AuxiliaryTarget): InsertPlan {
  const names = new Map(auxiliary.table.columns.map((column) => [column.name, column]));
  const columns = plan.columns.map((column) => {
    const name = auxiliaryName(auxiliary.groupColumn, column.name);
    return names.get(name) ?? { ...column, name };
  });
  const updateColumns = plan.updateColumns?.map((name) =>
    auxiliaryName(auxiliary.groupColumn, name),
  );
  return { ...plan, table: auxiliary.table, columns, updateColumns };
}

function renamed(staged: InsertPlan, route: InsertPlan): string {
  return staged.columns
    .map((column, n) => {
      const name = route.columns[n]?.name ?? column.name;
      return name === column.name
        ? `s.${ident(name)}`
        : `s.${ident(column.name)} as ${ident(name)}`;
    })
    .join(', ');
}
