import { describe, expect, test } from 'vitest';
import { type InsertPlan, insertStatement } from '../../../src/applying/insert-statement.ts';
import { POSTGRESQL } from '../../../src/core/dialect.ts';
import { PROFILES } from '../../../src/engines/profiles.ts';
import { targetColumn, targetTable } from '../records/target-fixture.ts';

const id = targetColumn('Id', 'int4');
const day = targetColumn('day', 'date');
const v = targetColumn('v', 'text');

function statement(plan: Partial<InsertPlan> = {}): string {
  const columns = plan.columns ?? [day, id, v];
  const table = targetTable(columns, ['Id', 'day']);
  const { text } = insertStatement({
    dialect: POSTGRESQL,
    ...{ table, columns, mode: 'update', reduceKeys: false, source: 'pg_temp.ext' },
    ...plan,
  });
  return text;
}

describe('the statement that moves the staged rows', () => {
  test('of a table without a key, or with onConflict error', () => {
    expect(statement({ mode: 'insert', reduceKeys: true })).toBe(
      `insert into "public"."t" ("day", "Id", "v")\nselect "day", "Id", "v" from pg_temp.ext`,
    );
  });

  test('that updates, as long as no key stood twice', () => {
    expect(statement()).toBe(
      `insert into "public"."t" ("day", "Id", "v")
select "day", "Id", "v" from pg_temp.ext
on conflict ("Id", "day") do update set "v" = excluded."v"`,
    );
  });

  test('of nothing but its key, where rows live on segments: a distribution key must not be set', () => {
    const { dialect } = PROFILES.greenplum7;
    expect(statement({ dialect, columns: [id, day] })).toMatch(/\("Id", "day"\) do nothing$/);
    expect(statement({ columns: [id, day] })).toMatch(/do update set "Id" = excluded."Id"$/);
  });

  test('that updates with the last one of each key (G3)', () => {
    expect(statement({ reduceKeys: true })).toBe(`with staged as materialized (
  select * from pg_temp.ext
), winner as materialized (
  select distinct on ("day", "Id") * from staged order by "day", "Id", "relyt ordinal" desc
), applied as (
  insert into "public"."t" ("day", "Id", "v")
  select "day", "Id", "v" from winner
  on conflict ("Id", "day") do update set "v" = excluded."v"
  returning 1
)
select (select count(*) from staged) as read, (select count(*) from winner) as winners,
       (select count(*) from applied) as written`);
  });

  test("that keeps what is there, and the first one of each key, with 'nothing' (G3)", () => {
    const golden = `with staged as materialized (
  select * from pg_temp.ext
), winner as materialized (
  select distinct on ("day", "Id") * from staged order by "day", "Id", "relyt ordinal" asc
), applied as (
  insert into "public"."t" ("day", "Id", "v")
  select "day", "Id", "v" from winner
  on conflict ("Id", "day") do nothing
  returning 1
)
select (select count(*) from staged) as read, (select count(*) from winner) as winners,
       (select count(*) from applied) as written`;
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
select "Id", "day", "n", "m" from pg_temp.ext
on conflict ("Id", "day") do update set "m" = excluded."m"`,
    );
    expect(statement({ columns: [id, day, byDefault], mode: 'insert' })).not.toContain(
      'overriding',
    );
  });

  test('of nothing but a key has an assignment all the same, so that a row that was there counts', () => {
    expect(statement({ columns: [id, day] })).toBe(
      `insert into "public"."t" ("Id", "day")
select "Id", "day" from pg_temp.ext
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
select "a""b", "x""); drop table t; --" from pg_temp.ext
on conflict ("a""b") do update set "x""); drop table t; --" = excluded."x""); drop table t; --"`,
    );
  });

  test.each([
    ['insert', false, false],
    ['insert', true, false],
    ['update', false, false],
    ['update', true, true],
    ['nothing', false, true],
    ['nothing', true, true],
  ] as const)('says whether it counts: %s, keys reduced %s', (mode, reduceKeys, counts) => {
    const columns = [id, day, v];
    const table = targetTable(columns, ['Id', 'day']);
    const plan = { dialect: POSTGRESQL, table, columns, mode, reduceKeys, source: 'pg_temp.ext' };
    const made = insertStatement(plan);
    expect(made.returnsCounts).toBe(counts);
    expect(made.text.startsWith('with staged')).toBe(counts);
  });
});
