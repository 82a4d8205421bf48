import { ident } from '../database/statement.ts';
import type { ApplyStep } from './apply-step.ts';
import { equalKey, ownKey } from './equal-key.ts';
import { type CrossedRoute, crossed, livesElsewhere, sameKeyElsewhere } from './other-table.ts';
import { nameOf, nonKeyColumns, overriding } from './plan.ts';
import { isShadow, pairedColumns, type Route } from './routes.ts';

const IF_ANY_ARE_AWAY = { when: 'n_away > 0', firesCode: true } as const;

/**
 * Moves the rows of this route that are in the other table: the upsert that follows finds and updates them. Mostly
 * there are none, and then one look is cheaper than the statements.
 */
export function bringHome(route: Route): readonly ApplyStep[] {
  const both = crossed(route);
  if (both === undefined || route.plan.mode !== 'update') return [];
  return [lookForAway(both), ...clearShadows(both), moveHere(both), removeThere(both)];
}

function lookForAway(route: CrossedRoute): ApplyStep {
  const { rows, other } = route;
  return {
    name: 'look for rows in the other table',
    text: `select pg_catalog.count(*) as found from (select 1 from ${nameOf(other)} o join ${rows} w on ${sameKeyElsewhere(route)} limit 1) x`,
    result: { finds: 'away' },
    firesCode: true,
  };
}

/**
 * A shadow here would be taken for the row itself, and be gone a moment later: the migration may be deleting it. Once
 * it is deleted by us, or after waiting for the migration, the row that lives in the other table can come.
 */
function clearShadows(route: CrossedRoute): readonly ApplyStep[] {
  const { plan, rows, other, auxiliary } = route;
  const shadow = isShadow(auxiliary, plan.table, 'h');
  if (shadow === undefined) return [];
  const text = `delete from ${nameOf(plan.table)} h using ${rows} w
where ${isHere(route)} and ${shadow} and exists (select 1 from ${nameOf(other)} o where ${sameKeyElsewhere(route)})`;
  return [{ name: 'clear shadows', text, ...IF_ANY_ARE_AWAY }];
}

/** Columns that are staged come as they are staged: the row as it was need not fit here, its group may have been NULL. */
function moveHere(route: CrossedRoute): ApplyStep {
  const { plan, rows, other, auxiliary } = route;
  const [here, there] =
    other === auxiliary.table ? (['main', 'auxiliary'] as const) : (['auxiliary', 'main'] as const);
  const pairs = pairedColumns(auxiliary);
  const staged = new Set([...plan.table.key, ...nonKeyColumns(plan)]);
  const to = pairs.map((pair) => ident(pair[here])).join(', ');
  const from = pairs
    .map((pair) => (staged.has(pair[here]) ? `w.${ident(pair[here])}` : `o.${ident(pair[there])}`))
    .join(', ');
  return {
    name: 'bring home',
    text: `insert into ${nameOf(plan.table)} (${to})${overriding(plan.table)}
select ${from} from ${nameOf(other)} o join ${rows} w on ${livesElsewhere(route)}
where not exists (select 1 from ${nameOf(plan.table)} h where ${isHere(route)})`,
    ...IF_ANY_ARE_AWAY,
  };
}

function removeThere(route: CrossedRoute): ApplyStep {
  return {
    name: 'remove from the other table',
    text: `delete from ${nameOf(route.other)} o using ${route.rows} w where ${sameKeyElsewhere(route)}`,
    ...IF_ANY_ARE_AWAY,
  };
}

function isHere({ plan }: CrossedRoute): string {
  return equalKey(plan, ownKey(plan), 'h');
}
