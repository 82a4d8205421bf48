import { ident } from '../database/statement.ts';
import type { ApplyStep, Sum } from './apply-step.ts';
import { equalKey, ownKey } from './equal-key.ts';
import { mergeRows } from './merge-rows.ts';
import {
  columnList,
  type InsertPlan,
  insertInto,
  leavesMatching,
  nameOf,
  nonKeyColumns,
  onConflict,
} from './plan.ts';
import { rowStatistics } from './row-statistics.ts';
import { winnersOf } from './winners.ts';

/**
 * Steps that write rows of one table. `rows` is a relation in SQL (a name, or a query in parentheses) that holds each
 * key once, or all rows as they came where keys are not looked at.
 */

/** No RETURNING: it costs a fifth of the import. Rows that come straight from the files are counted as they are written. */
export function insertRows(plan: InsertPlan, rows: string): ApplyStep {
  const straight = rows === plan.source;
  return {
    name: 'insert',
    text: `${insertInto(plan)}\nselect ${columnList(plan)} from ${rows} s`,
    result: { touches: straight ? ['read', 'winners', 'written'] : ['written'] },
    readsFiles: straight,
    firesCode: true,
  };
}

export function upsertRows(plan: InsertPlan, rows: string): readonly ApplyStep[] {
  if (!plan.dialect.onConflict) return upsertByHand(plan, rows);
  const insert = insertRows(plan, rows);
  const text = `${insert.text}\n${onConflict(plan)}`;
  const upsert = { ...insert, name: 'insert or update', text };
  if (plan.mode === 'nothing') return [{ ...upsert, name: 'insert what is missing' }];
  if (plan.dialect.distributed) return [countMatching(plan, rows), upsert];
  if (plan.upsertBy === 'merge') return [mergeRows(plan, rows)];
  if (!plan.reduceKeys) return [{ ...upsert, statistics: rowStatistics(plan) }];
  return [countedUpsert(plan, text)];
}

/** The rows updated are counted when all are written and before AFTER triggers run, which may update others. */
function countedUpsert(plan: InsertPlan, upsert: string): ApplyStep {
  const { updated } = rowStatistics(plan);
  return {
    name: 'insert or update, and count',
    text: `with applied as (
${upsert}
returning 1
)
select a.written, ${updated} as updated from (select pg_catalog.count(*) as written from applied) a`,
    result: { returns: ['written', 'updated'] },
    updatesBefore: updated,
    firesCode: true,
  };
}

/**
 * The same for rows of the files among which keys appear twice. Winners are picked in the statement itself, because
 * the files can be read only once and a temporary table of all rows would cost more. What is updated is counted as
 * above.
 */
export function reduceAndUpsert(plan: InsertPlan): ApplyStep {
  const update = plan.mode === 'update';
  const { updated } = rowStatistics(plan);
  return {
    name: 'reduce and upsert',
    text: `with staged as materialized (
  select * from ${plan.source} s
), winner as materialized (
  ${winnersOf(plan, 'staged')}
), applied as (
  ${insertInto(plan)}
  select ${columnList(plan)} from winner
  ${onConflict(plan)}
  returning 1
)
select r.read, n.winners, a.written${update ? `, ${updated} as updated` : ''}
from (select pg_catalog.count(*) as read from staged) r, (select pg_catalog.count(*) as winners from winner) n,
  (select pg_catalog.count(*) as written from applied) a`,
    result: { returns: ['read', 'winners', 'written', ...(update ? (['updated'] as const) : [])] },
    readsFiles: true,
    firesCode: true,
    ...(update && { updatesBefore: updated }),
  };
}

/** Where rows live on segments no statistics tell which rows an upsert updates, so they are counted just before it. */
function countMatching(plan: InsertPlan, rows: string): ApplyStep {
  // What is left as it is counts as written, too: ON CONFLICT DO NOTHING does not count it.
  const sums: readonly Sum[] = leavesMatching(plan) ? ['found', 'written'] : ['found'];
  return {
    name: 'count rows that are there',
    text: `select ${sums.map((sum) => `pg_catalog.count(*) as ${sum}`).join(', ')} from ${rows} w join ${nameOf(plan.table)} t on ${sameKey(plan)}`,
    result: { returns: sums },
    firesCode: true,
  };
}

/**
 * Greenplum 6 has no ON CONFLICT. An update and an insert, not a deletion and an insert: columns that are not staged
 * keep their values. The lock of `lockTargets` keeps what is missing missing until it is inserted.
 */
function upsertByHand(plan: InsertPlan, rows: string): readonly ApplyStep[] {
  const insert = insertMissing(plan, rows);
  return plan.mode === 'nothing' ? [insert] : [updateMatching(plan, rows), insert];
}

function updateMatching(plan: InsertPlan, rows: string): ApplyStep {
  const names = nonKeyColumns(plan).map(ident);
  // A table that has only key columns has nothing to set.
  if (names.length === 0) return countMatching(plan, rows);
  const assignments = names.map((name) => `${name} = w.${name}`);
  return {
    name: 'update',
    text: `update ${nameOf(plan.table)} t set ${assignments.join(', ')} from ${rows} w where ${sameKey(plan)}`,
    result: { touches: ['found', 'written'] },
    firesCode: true,
  };
}

function insertMissing(plan: InsertPlan, rows: string): ApplyStep {
  const columns = plan.columns.map((column) => `w.${ident(column.name)}`).join(', ');
  return {
    name: 'insert what is missing',
    text: `${insertInto(plan)}
select ${columns} from ${rows} w
where not exists (select 1 from ${nameOf(plan.table)} t where ${sameKey(plan)})`,
    result: { touches: ['written'] },
    firesCode: true,
  };
}

function sameKey(plan: InsertPlan): string {
  return equalKey(plan, ownKey(plan), 't');
}
