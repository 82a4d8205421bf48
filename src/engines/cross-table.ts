import type { TargetTable } from '../core/target-table.ts';
import { ident, qualified } from '../database/statement.ts';
import { type InsertPlan, overriding } from './insert-statement.ts';
import {
  auxiliaryName,
  groupText,
  movingGroups,
  pairedColumns,
  ROUTED_COLUMN,
  type Route,
  type Routing,
} from './routes.ts';

/**
 * Statements that keep a key in one of the two tables only. A record's group may have changed since its row was
 * written, where the group is not part of the key: the row is then in the other table.
 */

/** Moves the rows of this route that stand in the other table: the upsert that follows finds and updates them. */
export function bringHome(route: Route): readonly string[] {
  const { plan, other } = route;
  const { routing } = plan;
  if (routing === undefined || other === undefined || plan.mode !== 'update') return [];
  if (keyHoldsGroup(plan, routing)) return [];
  const toMain = other === routing.auxiliary;
  const [here, there] = toMain
    ? (['main', 'auxiliary'] as const)
    : (['auxiliary', 'main'] as const);
  const { to, from } = copiedColumns(pairedColumns(plan, routing), { here, there });
  const same = sameKey(plan, otherKey(plan, routing, other));
  return [
    `insert into ${quoted(plan.table)} (${to})${overriding(plan.table)}
select ${from} from ${quoted(other)} o join ${route.rows} w on ${same}`,
    `delete from ${quoted(other)} o using ${route.rows} w where ${same}`,
  ];
}

/** The rows of this route, less those whose key the other table has: with `nothing` they are skipped. */
export function skipElsewhere(route: Route): string {
  const { plan, other } = route;
  const { routing } = plan;
  if (routing === undefined || other === undefined || plan.mode !== 'nothing') return route.rows;
  if (keyHoldsGroup(plan, routing)) return route.rows;
  return `(select * from ${route.rows} w
where not exists (select 1 from ${quoted(other)} o where ${sameKey(plan, otherKey(plan, routing, other))}))`;
}

/** With `error`: counts the rows whose key the other table has; undefined where there can be none. */
export function keyElsewhere(route: Route): string | undefined {
  const { plan, other } = route;
  const { routing, columns, table } = plan;
  if (routing === undefined || other === undefined || keyHoldsGroup(plan, routing))
    return undefined;
  const names = new Set(columns.map((column) => column.name));
  const { primaryKey } = table;
  if (primaryKey.length === 0 || !primaryKey.every((name) => names.has(name))) return undefined;
  const same = sameKey(plan, otherKey(plan, routing, other));
  return `select count(*) as found from ${route.rows} w join ${quoted(other)} o on ${same}`;
}

/**
 * While a migration copies a group out of the table it lives in, what an import changes there is copied once more,
 * so that the copy is complete when the group is switched over. `staged` holds the rows of the import, with their
 * types. Without a staged key nothing is ever updated, and the switch finds what was inserted.
 */
export function recopyTouched(plan: InsertPlan, staged: string): readonly string[] {
  const { routing, table } = plan;
  if (routing === undefined || routing.moving.length === 0) return [];
  const names = new Set(plan.columns.map((column) => column.name));
  if (table.primaryKey.length === 0 || !table.primaryKey.every((name) => names.has(name)))
    return [];
  return [
    ...recopy(plan, routing, { staged, here: 'auxiliary' }),
    ...recopy(plan, routing, { staged, here: 'main' }),
  ];
}

function recopy(
  plan: InsertPlan,
  routing: Routing,
  { staged, here }: { readonly staged: string; readonly here: 'main' | 'auxiliary' },
): readonly string[] {
  const toMain = here === 'main';
  const there = toMain ? 'auxiliary' : 'main';
  const [source, copy] = toMain ? [routing.auxiliary, plan.table] : [plan.table, routing.auxiliary];
  const key = plan.table.primaryKey;
  const flag = ident(ROUTED_COLUMN);
  const group = groupText(plan, routing, false);
  const touched = `(select distinct ${key.map((name) => `s.${ident(name)}`).join(', ')}
  from ${staged} s where ${toMain ? '' : 'not '}s.${flag} and ${group} = any(${movingGroups(routing)}))`;
  const nameIn = (table: TargetTable) => (name: string) =>
    table === routing.auxiliary ? auxiliaryName(name, routing) : name;
  const same = (table: TargetTable) =>
    sameKey(
      plan,
      key.map((name) => ({ ours: name, theirs: nameIn(table)(name) })),
    );
  const { to, from } = copiedColumns(pairedColumns(plan, routing), { here, there });
  return [
    `delete from ${quoted(copy)} o using ${touched} w where ${same(copy)}`,
    `insert into ${quoted(copy)} (${to})${overriding(copy)}
select ${from} from ${quoted(source)} o join ${touched} w on ${same(source)}
where o.${ident(routing.groupColumn[there])}::text = any(${movingGroups(routing)})`,
  ];
}

function copiedColumns(
  pairs: ReturnType<typeof pairedColumns>,
  { here, there }: { readonly here: 'main' | 'auxiliary'; readonly there: 'main' | 'auxiliary' },
): { readonly to: string; readonly from: string } {
  return {
    to: pairs.map((pair) => ident(pair[here])).join(', '),
    from: pairs.map((pair) => `o.${ident(pair[there])}`).join(', '),
  };
}

/** A column of the key, as the staged rows `w` and the table `o` name it. */
interface KeyColumn {
  readonly ours: string;
  readonly theirs: string;
}

/** The plan of a route names columns as its own table does; the other one may name the group otherwise. */
function otherKey(plan: InsertPlan, routing: Routing, other: TargetTable): readonly KeyColumn[] {
  return plan.table.primaryKey.map((ours) => {
    if (other === routing.auxiliary) return { ours, theirs: auxiliaryName(ours, routing) };
    const { main, auxiliary } = routing.groupColumn;
    return { ours, theirs: ours === auxiliary ? main : ours };
  });
}

function sameKey(plan: InsertPlan, key: readonly KeyColumn[]): string {
  return key
    .map(({ ours, theirs }) => {
      const collation = plan.columns.find(({ name }) => name === ours)?.collation;
      const collate = collation === undefined ? '' : ` collate ${collation}`;
      return `o.${ident(theirs)} = w.${ident(ours)}${collate}`;
    })
    .join(' and ');
}

/** Then a key means one group, and that one table. */
function keyHoldsGroup({ table }: InsertPlan, { groupColumn }: Routing): boolean {
  return table.primaryKey.some(
    (name) => name === groupColumn.main || name === groupColumn.auxiliary,
  );
}

function quoted({ schema, name }: TargetTable): string {
  return qualified(schema, name);
}
