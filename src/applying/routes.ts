import { auxiliaryName, type GroupColumn } from '../core/group-column.ts';
import type { TargetTable } from '../core/target-table.ts';
import { ident, literal } from '../database/statement.ts';
import type { InsertPlan } from './insert-statement.ts';

/** Where a load goes beside its target: rows of some groups belong in the auxiliary table. */
export interface Routing {
  readonly auxiliary: TargetTable;
  readonly groupColumn: GroupColumn;
  /** Quoted name of the table that lists the groups of the auxiliary table. */
  readonly routingTable: string;
  /** How it spells a group. */
  readonly idType: 'text' | 'bigint';
  /** Columns of the main table that hold a value of their own, as they are now. */
  readonly ownColumns: readonly string[];
  /** Groups a migration has begun to move and not ended, as text: some of their rows may stand in both tables. */
  readonly onTheWay: readonly string[];
  /** Those of them that still live where they were: what an import writes there has to be copied as well. */
  readonly copying: readonly string[];
}

/** Tells in a staged table whether a row belongs in the auxiliary table. */
export const ROUTED_COLUMN = 'relyt routed';

/** One of the tables a load writes: its own plan, and the staged rows that belong there, as a relation in SQL. */
export interface Route {
  readonly plan: InsertPlan;
  readonly rows: string;
  readonly other: TargetTable | undefined;
}

/** The tables that the rows of `staged` go to. */
export function routesOf(plan: InsertPlan, staged: string): readonly Route[] {
  const { routing, table } = plan;
  if (routing === undefined) return [{ plan, rows: staged, other: undefined }];
  const flag = ident(ROUTED_COLUMN);
  const route = (routePlan: InsertPlan, condition: string, other: TargetTable): Route => ({
    plan: routePlan,
    rows: `(select ${renamed(plan, routePlan)} from ${staged} s where ${condition})`,
    other,
  });
  return [
    route(plan, `not s.${flag}`, routing.auxiliary),
    route(auxiliaryPlan(plan, routing), `s.${flag}`, table),
  ];
}

/** The rows of `relation` with the column that tells where each belongs; `relation` as it is where nothing is routed. */
export function withRoute(plan: InsertPlan, relation: string): string {
  const { routing } = plan;
  if (routing === undefined) return relation;
  const column = plan.columns.find(({ name }) => name === routing.groupColumn.main);
  const flag =
    column === undefined ? 'false' : livesInAuxiliary(routing, `s.${ident(column.name)}`);
  return `(select s.*, ${flag} as ${ident(ROUTED_COLUMN)} from ${relation} s)`;
}

/** Whether a group, given as an expression of the type of its column, lives in the auxiliary table. NULL never does. */
function livesInAuxiliary({ routingTable, idType }: Routing, group: string): string {
  // The routing table's own column stays bare, so that its index can be used.
  const spelled = idType === 'text' ? `${group}::text collate "default"` : group;
  return `exists (select 1 from ${routingTable} r where r.routing_id = ${spelled})`;
}

/** Whether a group, given as an expression, is one of these. */
export function isOneOf(groups: readonly string[], group: string): string {
  return `${group}::text collate "default" = any(array[${groups.map(literal).join(', ')}]::text[])`;
}

/**
 * Whether the row `alias` of one of the two tables is a shadow: of a group on its way that lives in the other table.
 * It is there for the migration only. Undefined where no group is on its way.
 */
export function isShadow(routing: Routing, table: TargetTable, alias: string): string | undefined {
  if (routing.onTheWay.length === 0) return undefined;
  const inAuxiliary = table === routing.auxiliary;
  const { main, auxiliary } = routing.groupColumn;
  const group = `${alias}.${ident(inAuxiliary ? auxiliary : main)}`;
  const lives = livesInAuxiliary(routing, group);
  return `(${isOneOf(routing.onTheWay, group)} and ${inAuxiliary ? `not ${lives}` : lives})`;
}

/** Pairs of columns of the two tables that hold the same, those the database computes left out. */
export function pairedColumns(
  routing: Routing,
): readonly { readonly main: string; readonly auxiliary: string }[] {
  return routing.ownColumns.map((name) => ({
    main: name,
    auxiliary: auxiliaryName(routing.groupColumn, name),
  }));
}

function auxiliaryPlan(plan: InsertPlan, routing: Routing): InsertPlan {
  const names = new Map(routing.auxiliary.columns.map((column) => [column.name, column]));
  const columns = plan.columns.map((column) => {
    const name = auxiliaryName(routing.groupColumn, column.name);
    return names.get(name) ?? { ...column, name };
  });
  return { ...plan, table: routing.auxiliary, columns };
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
