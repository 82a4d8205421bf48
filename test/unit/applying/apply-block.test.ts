// The steps of an import that applies all rows at once (G1, G2, G3), where one statement is enough.

import { describe, expect, test } from 'vitest';
import { allRows } from '../../../src/applying/apply-block.ts';
import type { InsertPlan } from '../../../src/applying/plan.ts';
import { PROFILES } from '../../../src/engines/profiles.ts';
import { targetColumn, targetTable } from '../records/target-fixture.ts';
import { day, id, planOf, routedPlan, v } from './plan-fixture.ts';

/** The one statement that reads the files. */
function statement(plan: Partial<InsertPlan> = {}): string {
  const [reads, ...others] = allRows(planOf(plan)).filter(({ readsFiles }) => readsFiles);
  expect(others).toEqual([]);
  return reads?.text ?? '';
}

function names(plan: InsertPlan): string[] {
  return allRows(plan).map(({ name }) => name);
}

describe('the statement that applies the staged rows', () => {
  test('of a table without a key, or with onConflict error', () => {
    expect(statement({ mode: 'insert', reduceKeys: true })).toBe(
      `insert into "public"."t" ("day", "Id", "v")\nselect "day", "Id", "v" from pg_temp.ext s`,
    );
  });

  test('that updates, as long as no key stood twice', () => {
    expect(statement()).toBe(
      `insert into "public"."t" ("day", "Id", "v")
select "day", "Id", "v" from pg_temp.ext s
on conflict ("Id", "day") do update set "v" = excluded."v"`,
    );
  });

  test('that updates with the last one of each key (G3)', () => {
    expect(statement({ reduceKeys: true })).toBe(`with staged as materialized (
  select * from pg_temp.ext s
), winner as materialized (
  select distinct on ("day", "Id") * from staged s order by "day", "Id", "relyt ordinal" desc
), applied as (
  insert into "public"."t" ("day", "Id", "v")
  select "day", "Id", "v" from winner
  on conflict ("Id", "day") do update set "v" = excluded."v"
  returning 1
)
select r.read, n.winners, a.written, pg_catalog.pg_stat_get_xact_tuples_updated('"public"."t"'::pg_catalog.regclass) as updated
from (select pg_catalog.count(*) as read from staged) r, (select pg_catalog.count(*) as winners from winner) n,
  (select pg_catalog.count(*) as written from applied) a`);
  });

  test("that keeps what is there, and the first one of each key, with 'nothing' (G3)", () => {
    const golden = `with staged as materialized (
  select * from pg_temp.ext s
), winner as materialized (
  select distinct on ("day", "Id") * from staged s order by "day", "Id", "relyt ordinal" asc
), applied as (
  insert into "public"."t" ("day", "Id", "v")
  select "day", "Id", "v" from winner
  on conflict ("Id", "day") do nothing
  returning 1
)
select r.read, n.winners, a.written
from (select pg_catalog.count(*) as read from staged) r, (select pg_catalog.count(*) as winners from winner) n,
  (select pg_catalog.count(*) as written from applied) a`;
    expect(statement({ mode: 'nothing' })).toBe(golden);
    expect(statement({ mode: 'nothing', reduceKeys: true })).toBe(golden);
  });

  test('compares a key by its own collation when different texts can be equal (G3)', () => {
    const folded = targetColumn('Id', 'text', { deterministic: false, collation: '"public"."ci"' });
    expect(statement({ columns: [folded, day], reduceKeys: true })).toContain(
      'distinct on ("Id" collate "public"."ci", "day")',
    );
  });

  test('gives identities the values of the records, but never updates one', () => {
    const always = targetColumn('n', 'int4', { identity: 'always' });
    const byDefault = targetColumn('m', 'int4', { identity: 'by-default' });
    expect(statement({ columns: [id, day, always, byDefault] })).toBe(
      `insert into "public"."t" ("Id", "day", "n", "m") overriding system value
select "Id", "day", "n", "m" from pg_temp.ext s
on conflict ("Id", "day") do update set "m" = excluded."m"`,
    );
    expect(statement({ columns: [id, day, byDefault], mode: 'insert' })).not.toContain(
      'overriding',
    );
  });

  test('of nothing but a key has an assignment all the same, so that a row that was there counts', () => {
    expect(statement({ columns: [id, day] })).toBe(
      `insert into "public"."t" ("Id", "day")
select "Id", "day" from pg_temp.ext s
on conflict ("Id", "day") do update set "Id" = excluded."Id"`,
    );
  });

  test('quotes every name, also one that holds a quote', () => {
    const odd = targetColumn('a"b', 'int4');
    const hostile = targetColumn('x"); drop table t; --', 'text');
    const table = {
      ...targetTable([odd, hostile], ['a"b']),
      schema: 'we"ird',
      name: 'Order Items',
    };
    expect(statement({ table, columns: [odd, hostile] })).toBe(
      `insert into "we""ird"."Order Items" ("a""b", "x""); drop table t; --")
select "a""b", "x""); drop table t; --" from pg_temp.ext s
on conflict ("a""b") do update set "x""); drop table t; --" = excluded."x""); drop table t; --"`,
    );
  });

  test.each([
    ['insert', false, { touches: ['read', 'winners', 'written'] }],
    ['insert', true, { touches: ['read', 'winners', 'written'] }],
    ['update', false, { touches: ['read', 'winners', 'written'] }],
    ['update', true, { returns: ['read', 'winners', 'written', 'updated'] }],
    ['nothing', false, { returns: ['read', 'winners', 'written'] }],
    ['nothing', true, { returns: ['read', 'winners', 'written'] }],
  ] as const)('counts all it does (G2): %s, keys reduced %s', (mode, reduceKeys, result) => {
    const steps = allRows(planOf({ mode, reduceKeys, columns: [id, day, v] }));
    expect(steps.filter(({ readsFiles }) => readsFiles).map((step) => step.result)).toEqual([
      result,
    ]);
    const looksAround = steps.some(({ statistics }) => statistics !== undefined);
    const looksBefore = steps.some(({ updatesBefore }) => updatesBefore !== undefined);
    expect([looksAround, looksBefore]).toEqual([
      mode === 'update' && !reduceKeys,
      mode === 'update' && reduceKeys,
    ]);
  });
});

describe('the steps where one statement is not enough', () => {
  const greenplum6 = PROFILES.greenplum6.dialect;
  const greenplum7 = PROFILES.greenplum7.dialect;

  test('of a keyed table on segments: staged, reduced, applied', () => {
    const before = ['hold automatic statistics', 'stage', 'reduce', 'analyze'];
    expect(names(planOf({ dialect: greenplum7 }))).toEqual([
      ...before,
      'count rows that are there',
      'insert or update',
    ]);
    expect(names(planOf({ dialect: greenplum6 }))).toEqual([
      ...before,
      'lock',
      'update',
      'insert what is missing',
    ]);
    expect(names(planOf({ dialect: greenplum6, mode: 'nothing' }))).toEqual([
      ...before,
      'lock',
      'insert what is missing',
    ]);
    expect(names(planOf({ dialect: greenplum6, mode: 'insert' }))).toEqual(['insert']);
  });

  test('of nothing but its key, where rows live on segments: a distribution key must not be set', () => {
    const textOf = (dialect: InsertPlan['dialect']) =>
      allRows(planOf({ dialect, columns: [id, day] })).at(-1)?.text;
    expect(textOf(greenplum7)).toMatch(/\("Id", "day"\) do nothing$/);
    expect(names(planOf({ dialect: greenplum6, columns: [id, day] }))).toContain(
      'count rows that are there',
    );
  });

  test('of two tables: the rows are read once, and each table gets its own', () => {
    const steps = allRows(routedPlan());
    expect(
      steps.filter(({ text }) => text.includes('pg_temp.ext')).map(({ name }) => name),
    ).toEqual(['stage']);
    expect(steps.map(({ name }) => name)).toEqual([
      ...['stage', 'count keys', 'set aside', 'reduce'],
      ...Array(2)
        .fill([
          ...['look for rows in the other table', 'bring home', 'remove from the other table'],
          'insert or update',
        ])
        .flat(),
      ...['take turns', 'count the tasks that load the table'],
      ...['look for keys in both tables', 'look for keys in both tables'],
    ]);
  });

  test('are left out where there is nothing to do for them', () => {
    const when = new Map(allRows(routedPlan()).map((step) => [step.name, step.when]));
    expect(when.get('reduce')).toBe('n_winners < n_read');
    expect(when.get('bring home')).toBe('n_away > 0');
    expect(when.get('look for keys in both tables')).toBe('n_tasks > 1');
    expect(when.get('insert or update')).toBeUndefined();
  });

  test('copy once more what a migration is copying', () => {
    const moving = routedPlan({}, { onTheWay: ['7'], copying: ['7'] });
    expect(names(moving).filter((name) => name === 'copy once more')).toHaveLength(2);
    expect(names(moving)).toContain('clear shadows');
    const keyless = routedPlan(
      { mode: 'insert', columns: [v] },
      { onTheWay: ['7'], copying: ['7'] },
    );
    expect(names(keyless)).toEqual(['stage', 'insert', 'insert']);
  });
});
