import { SQLSTATE } from '../core/sqlstate.ts';
import type { TargetColumn } from '../core/target-table.ts';
import { ident, literal, qualified } from '../database/statement.ts';
import { bringHome, keyElsewhere, skipElsewhere } from './cross-table.ts';
import {
  columnList,
  type InsertPlan,
  insertInto,
  keyExpressions,
  leavesMatching,
  onConflict,
} from './insert-statement.ts';
import { countMatching, insertMissing, updateMatching } from './keyed-statements.ts';
import { type Route, routesOf, withRoute } from './routes.ts';

/** The rows of an isolation as text, numbered; dropped with its transaction. */
export const STAGED_ROWS = 'pg_temp.relyt_loader_row';
const N = '"relyt n"';
const RANGE = `from ${STAGED_ROWS} s where s.${N} between $1 and $2`;

/**
 * PL/pgSQL that applies the rows numbered n_from to n_to: n_rows becomes the rows written, n_found those of them
 * that were there before, where the statistics do not tell.
 */
export function applyRange(plan: InsertPlan): string {
  const rows = plan.mode === 'insert' ? `select ${typedRows(plan)} ${RANGE}` : rangeWinners(plan);
  const routes = routesOf(plan, withRoute(plan, `(${rows})`));
  return ['n_rows := 0;', 'n_found := 0;', ...routes.flatMap(applyRoute)].join('\n      ');
}

/** The staged text with its types and names, as a select list over `s`. */
export function typedRows(plan: InsertPlan): string {
  return plan.columns.map((column) => `${stagedValue(column)} as ${ident(column.name)}`).join(', ');
}

/**
 * Text becomes the column's base type without its modifier, and the assignment does the rest: an explicit cast
 * to varchar(5) or bit(3) would cut the value silently, the assignment refuses it.
 */
export function stagedValue(column: TargetColumn): string {
  const { schema, name } = column.type;
  return `s.${ident(column.name)}::${qualified(schema ?? 'pg_catalog', name)}`;
}

/** Each key of the range once, with the row that wins (G3). */
function rangeWinners(plan: InsertPlan): string {
  const direction = plan.mode === 'update' ? 'desc' : 'asc';
  const key = keyExpressions(plan, stagedValue);
  return `select distinct on (${key}) ${typedRows(plan)} ${RANGE} order by ${key}, s.${N} ${direction}`;
}

function applyRoute(route: Route): readonly string[] {
  const { plan } = route;
  if (plan.mode === 'insert')
    return [...refuseElsewhere(route), ...run(insertAll(route), 'n_rows')];
  const missing = { ...route, rows: skipElsewhere(route) };
  const moved = bringHome(route).map((text) => `execute ${literal(text)} using n_from, n_to;`);
  return [
    ...moved,
    ...(plan.dialect.onConflict ? insertOnConflict(missing) : applyByHand(missing)),
  ];
}

function insertAll({ plan, rows }: Pick<Route, 'plan' | 'rows'>): string {
  return `${insertInto(plan)} select ${columnList(plan)} from ${rows} s`;
}

function insertOnConflict({ plan, rows }: Route): readonly string[] {
  const counted = plan.dialect.distributed && plan.mode === 'update';
  return [
    ...(counted ? find(plan, rows) : []),
    // What is left as it is counts as written, too.
    ...(counted && leavesMatching(plan) ? ['n_rows := n_rows + n_part;'] : []),
    ...run(`${insertAll({ plan, rows })} ${onConflict(plan)}`, 'n_rows'),
  ];
}

function applyByHand({ plan, rows }: Route): readonly string[] {
  const insert = run(insertMissing(plan, rows), 'n_rows');
  if (plan.mode === 'nothing') return insert;
  const update = updateMatching(plan, rows);
  const change = update === undefined ? find(plan, rows) : run(update, 'n_found');
  // What was updated was written as well.
  return [...change, 'n_rows := n_rows + n_part;', ...insert];
}

function find(plan: InsertPlan, rows: string): readonly string[] {
  return [
    `execute ${literal(countMatching(plan, rows))} into n_part using n_from, n_to;`,
    'n_found := n_found + n_part;',
  ];
}

function run(statement: string, total: 'n_rows' | 'n_found'): readonly string[] {
  return [
    `execute ${literal(statement)} using n_from, n_to;`,
    'get diagnostics n_part = row_count;',
    `${total} := ${total} + n_part;`,
  ];
}

/** With `error` a key must not be in the other table either, which no constraint knows. */
function refuseElsewhere(route: Route): readonly string[] {
  const twice = keyElsewhere(route);
  if (twice === undefined) return [];
  return [
    `execute ${literal(twice)} into n_part using n_from, n_to;`,
    `if n_part > 0 then raise exception 'the key exists already in the other table of the routing' using errcode = '${SQLSTATE.uniqueViolation}'; end if;`,
  ];
}
