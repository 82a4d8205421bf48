import { auxiliaryName } from '../core/group-column.ts';
import type { TargetTable } from '../core/target-table.ts';
import { ident, qualified } from '../database/statement.ts';
import { equalKey, type KeyColumn, ownKey } from './equal-key.ts';
import { type InsertPlan, nonKeyColumns, overriding } from './insert-statement.ts';
import {
  isOneOf,
  isShadow,
  pairedColumns,
  ROUTED_COLUMN,
  type Route,
  type Routing,
} from './routes.ts';

/**
 * Statements that keep a key in one of the two tables only. A record's group may have changed since its row was
 * written, where the group is not part of the key: the row is then in the other table.
 */

/**
 * Moves the rows of this route that stand in the other table: the upsert that follows finds and updates them. Columns
 * that are staged come as they are staged: the row as it was need not fit here, its group may have been NULL.
 */
export function bringHome(route: Route): readonly string[] {
  const { plan, other } = route;
  const { routing } = plan;
  if (routing === undefined || other === undefined || plan.mode !== 'update') return [];
  if (keyHoldsGroup(plan, routing)) return [];
  const [here, there] =
    other === routing.auxiliary
      ? (['main', 'auxiliary'] as const)
      : (['auxiliary', 'main'] as const);
  const pairs = pairedColumns(routing);
  const staged = new Set([...plan.table.primaryKey, ...nonKeyColumns(plan)]);
  const to = pairs.map((pair) => ident(pair[here])).join(', ');
  const from = pairs
    .map((pair) => (staged.has(pair[here]) ? `w.${ident(pair[here])}` : `o.${ident(pair[there])}`))
    .join(', ');
  const same = equalKey(plan, otherKey(plan, routing, other), 'o');
  const isHere = equalKey(plan, ownKey(plan), 'h');
  return [
    ...clearShadows(route, { isHere, same }),
    `insert into ${quoted(plan.table)} (${to})${overriding(plan.table)}
select ${from} from ${quoted(other)} o join ${route.rows} w on ${livingKey(plan, routing, other)}
where not exists (select 1 from ${quoted(plan.table)} h where ${isHere})`,
    `delete from ${quoted(other)} o using ${route.rows} w where ${same}`,
  ];
}

/** Whether `bringHome` has anything to do: mostly not, and then one look is cheaper than its statements. */
export function anyAway({ plan, rows, other }: Route): string | undefined {
  const { routing } = plan;
  if (routing === undefined || other === undefined) return undefined;
  const same = equalKey(plan, otherKey(plan, routing, other), 'o');
  return `select count(*) as found from (select 1 from ${quoted(other)} o join ${rows} w on ${same} limit 1) x`;
}

/**
 * A shadow here would be taken for the row itself, and be gone a moment later: the migration may be deleting it. Once
 * it is deleted by us, or after waiting for the migration, the row that lives in the other table can come.
 */
function clearShadows(
  { plan, rows, other }: Route,
  { isHere, same }: { readonly isHere: string; readonly same: string },
): readonly string[] {
  const { routing } = plan;
  const shadow = routing && isShadow(routing, plan.table, 'h');
  if (shadow === undefined || other === undefined) return [];
  return [
    `delete from ${quoted(plan.table)} h using ${rows} w
where ${isHere} and ${shadow} and exists (select 1 from ${quoted(other)} o where ${same})`,
  ];
}

/** The rows of this route, less those whose key the other table has: with `nothing` they are skipped. */
export function skipElsewhere(route: Route): string {
  const { plan, other } = route;
  const { routing } = plan;
  if (routing === undefined || other === undefined || plan.mode !== 'nothing') return route.rows;
  if (keyHoldsGroup(plan, routing)) return route.rows;
  const same = livingKey(plan, routing, other);
  return `(select * from ${route.rows} w where not exists (select 1 from ${quoted(other)} o where ${same}))`;
}

/** With `error`: counts the rows whose key the other table has; undefined where there can be none. */
export function keyElsewhere(route: Route): string | undefined {
  const { plan, other } = route;
  if (plan.routing === undefined || other === undefined || !isKeyWithoutGroup(plan, plan.routing))
    return undefined;
  const same = livingKey(plan, plan.routing, other);
  return `select count(*) as found from ${route.rows} w join ${quoted(other)} o on ${same}`;
}

/** Counts the rows whose key this import wrote here while the other table has it; undefined where there can be none. */
export function keyInBoth(route: Route): string | undefined {
  const { plan } = route;
  const elsewhere = keyElsewhere(route);
  if (elsewhere === undefined) return undefined;
  // A key that was in both tables before is not this import's to judge, unless an update has seen to it.
  const mine =
    plan.mode === 'nothing' ? `h.xmin::text = (txid_current() % 4294967296)::text and ` : '';
  return `${elsewhere}
where exists (select 1 from ${quoted(plan.table)} h where ${mine}${equalKey(plan, ownKey(plan), 'h')})`;
}

/**
 * While a migration copies a group out of the table it lives in, what an import changes there is copied once more,
 * so that the copy is complete when the group is switched over. `staged` holds the rows of the import, with their
 * types. Without a staged key nothing is ever updated, and the switch finds what was inserted.
 */
export function recopyTouched(plan: InsertPlan, staged: string): readonly string[] {
  const { routing } = plan;
  if (routing === undefined || routing.copying.length === 0 || !isKeyStaged(plan)) return [];
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
  const group = ident(routing.groupColumn.main);
  const touched = `(select distinct ${key.map((name) => `s.${ident(name)}`).join(', ')}
  from ${staged} s where ${toMain ? '' : 'not '}s.${flag} and ${isOneOf(routing.copying, `s.${group}`)})`;
  const same = (table: TargetTable, alias: string) => {
    const nameIn = (name: string) =>
      table === routing.auxiliary ? auxiliaryName(routing.groupColumn, name) : name;
    return equalKey(
      plan,
      key.map((name) => ({ ours: name, theirs: nameIn(name) })),
      alias,
    );
  };
  const pairs = pairedColumns(routing);
  const to = pairs.map((pair) => ident(pair[here])).join(', ');
  const from = pairs.map((pair) => `o.${ident(pair[there])}`).join(', ');
  const home = isOneOf(routing.copying, `o.${ident(routing.groupColumn[there])}`);
  return [
    `delete from ${quoted(copy)} o using ${touched} w
where ${same(copy, 'o')} and ${isShadow(routing, copy, 'o')}`,
    `insert into ${quoted(copy)} (${to})${overriding(copy)}
select ${from} from ${quoted(source)} o join ${touched} w on ${same(source, 'o')}
where ${home} and not exists (select 1 from ${quoted(copy)} c where ${same(copy, 'c')})`,
  ];
}

/** The plan of a route names columns as its own table does; the other one may name the group otherwise. */
function otherKey(plan: InsertPlan, routing: Routing, other: TargetTable): readonly KeyColumn[] {
  return plan.table.primaryKey.map((ours) => {
    if (other === routing.auxiliary)
      return { ours, theirs: auxiliaryName(routing.groupColumn, ours) };
    const { main, auxiliary } = routing.groupColumn;
    return { ours, theirs: ours === auxiliary ? main : ours };
  });
}

/** The other table has the key, and not as a shadow: the row it belongs to may be gone since. */
function livingKey(plan: InsertPlan, routing: Routing, other: TargetTable): string {
  const same = equalKey(plan, otherKey(plan, routing, other), 'o');
  const shadow = isShadow(routing, other, 'o');
  return shadow === undefined ? same : `${same} and not ${shadow}`;
}

function isKeyStaged({ columns, table }: InsertPlan): boolean {
  const names = new Set(columns.map((column) => column.name));
  return table.primaryKey.length > 0 && table.primaryKey.every((name) => names.has(name));
}

function isKeyWithoutGroup(plan: InsertPlan, routing: Routing): boolean {
  return isKeyStaged(plan) && !keyHoldsGroup(plan, routing);
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
