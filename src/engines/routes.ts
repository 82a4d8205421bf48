import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import { ident, literal } from '../database/statement.ts';
import type { InsertPlan } from './insert-statement.ts';

/** Where a load goes beside its target: rows of some groups belong in the auxiliary table. */
export interface Routing {
  readonly auxiliary: TargetTable;
  /** Names of the column that holds the group, in either table. */
  readonly groupColumn: { readonly main: string; readonly auxiliary: string };
  /** Quoted name of the table that lists the groups of the auxiliary table. */
  readonly routingTable: string;
  /** Groups a migration is copying out of the table they live in, as text. */
  readonly moving: readonly string[];
}

/** Tells in a staged table whether a row belongs in the auxiliary table. */
export const ROUTED_COLUMN = 'relyt routed';

/** One of the tables a load writes: its own plan, and the staged rows that belong there, as a relation in SQL. */
export interface Route {
  readonly plan: InsertPlan;
  readonly rows: string;
  /** The same rows, found among others that are staged alike. */
  readonly rowsOf: (relation: string) => string;
  readonly other: TargetTable | undefined;
}

/** The tables that the rows of `staged` go to. */
export function routesOf(plan: InsertPlan, staged: string): readonly Route[] {
  const { routing, table } = plan;
  if (routing === undefined)
    return [{ plan, rows: staged, rowsOf: (relation) => relation, other: undefined }];
  const flag = ident(ROUTED_COLUMN);
  const route = (routePlan: InsertPlan, condition: string, other: TargetTable): Route => {
    const rowsOf = (relation: string) =>
      `(select ${renamed(plan, routePlan)} from ${relation} s where ${condition})`;
    return { plan: routePlan, rows: rowsOf(staged), rowsOf, other };
  };
  return [
    route(plan, `not s.${flag}`, routing.auxiliary),
    route(auxiliaryPlan(plan, routing), `s.${flag}`, table),
  ];
}

/** Whether the staged row `s` belongs in the auxiliary table. A record without a group never does. */
export function isRouted(plan: InsertPlan, routing: Routing, asText: boolean): string {
  const group = groupText(plan, routing, asText);
  return `exists (select 1 from ${routing.routingTable} r where r.routing_id::text = ${group})`;
}

/** The group of the staged row `s` as the routing table spells it. */
export function groupText(plan: InsertPlan, routing: Routing, asText: boolean): string {
  const column = plan.columns.find(({ name }) => name === routing.groupColumn.main);
  if (column === undefined) return 'null::text';
  const value = `s.${ident(column.name)}`;
  if (!asText) return `${value}::text`;
  // Text of a record that may be bad: only what is a number is spelled like one.
  const spelled = `case when ${value} ~ '^[[:space:]]*[-+]?[0-9]+[[:space:]]*$' then ${value}::numeric::text else ${value} end`;
  return isInteger(column) ? `(${spelled})` : value;
}

export function movingGroups({ moving }: Routing): string {
  return `array[${moving.map(literal).join(', ')}]::text[]`;
}

/** Pairs of columns of the two tables that hold the same, those the database computes left out. */
export function pairedColumns(
  plan: InsertPlan,
  routing: Routing,
): readonly { readonly main: string; readonly auxiliary: string }[] {
  return plan.table.columns
    .filter((column) => !column.generated)
    .map(({ name }) => ({ main: name, auxiliary: auxiliaryName(name, routing) }));
}

function auxiliaryPlan(plan: InsertPlan, routing: Routing): InsertPlan {
  const names = new Map(routing.auxiliary.columns.map((column) => [column.name, column]));
  const columns = plan.columns.map((column) => {
    const name = auxiliaryName(column.name, routing);
    return names.get(name) ?? { ...column, name };
  });
  return { ...plan, table: routing.auxiliary, columns };
}

export function auxiliaryName(name: string, { groupColumn }: Routing): string {
  return name === groupColumn.main ? groupColumn.auxiliary : name;
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

function isInteger({ type }: TargetColumn): boolean {
  return ['int2', 'int4', 'int8'].includes(type.name);
}
