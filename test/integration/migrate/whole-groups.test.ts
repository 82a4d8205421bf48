// A group moves in one transaction: all of its rows, nothing else, and counts that say so.

import { describe, expect, test } from 'vitest';
import { POSTGRESQL } from '../../../src/core/dialect.ts';
import { newestServers } from '../../support/stack.ts';
import { LIKE_GREENPLUM_6, type RoutedFixture, routedTablesOn } from './routed-tables.ts';

const DIALECTS = [
  ['as PostgreSQL', POSTGRESQL],
  ['as Greenplum 6, one table at a time', LIKE_GREENPLUM_6],
] as const;

describe.each(newestServers())('a whole group on $name', (server) => {
  const makeTable = routedTablesOn(server);

  describe.each(DIALECTS)('%s', (_, dialect) => {
    test('the worked case: groups of 100 move, groups of 10 and rows without a group stay', async () => {
      const t = await makeTable();
      await t.setUp({ view: true });
      for (const [n, group] of [100, 110, 120, 130, 140].entries())
        await t.fill(group, n * 1000, group < 120 ? 100 : 10);
      await t.fill(null, 9000, 150);
      const before = await t.read();
      const report = await t.migrateAs(dialect);
      expect(report).toMatchObject({ dryRun: false, stopped: false });
      expect(report.tables).toMatchObject([
        {
          table: `public.${t.name}`,
          direction: 'to-auxiliary',
          groups: [
            { group: '100', rows: 100, replaced: 0, dropped: 0, how: 'whole', resumed: false },
            { group: '110', rows: 100 },
          ],
          leftToOthers: [],
          remaining: 0,
        },
      ]);
      expect(await t.counts(t.main)).toEqual({ 120: 10, 130: 10, 140: 10, null: 150 });
      expect(await t.counts(t.auxiliary)).toEqual({ 100: 100, 110: 100 });
      expect(await t.routed()).toEqual(['100', '110']);
      expect(await t.read()).toEqual(before);
      await t.expectSettled(380);
      const again = await t.migrateAs(dialect);
      expect(again.tables[0]?.groups).toEqual([]);
    });

    test("onConflict 'update': the row that moves wins over one of the same key, of whatever group", async () => {
      const t = await makeTable();
      await t.setUp({ view: true });
      await t.fill(100, 1, 100);
      await t.fill(100, 51, 10, t.auxiliary);
      await t.fill(7, 61, 5, t.auxiliary);
      await t.database.query(`update ${t.auxiliary} set v = 'there'`);
      await t.database.query(
        `insert into ${t.routing} values ('7', '${t.name}_relyt_massive_group')`,
      );
      const { tables } = await t.migrateAs(dialect);
      expect(tables[0]?.groups).toMatchObject([{ rows: 100, replaced: 15, dropped: 0 }]);
      expect(await t.read(`v = 'there'`)).toEqual([]);
      await t.expectSettled(100);
    });

    test("onConflict 'nothing': the row that is there stays", async () => {
      const t = await makeTable();
      await t.setUp({ view: true });
      await t.fill(100, 1, 100);
      await t.fill(100, 51, 10, t.auxiliary);
      await t.database.query(`update ${t.auxiliary} set v = 'there'`);
      const { tables } = await t.migrateAs(dialect, { onConflict: 'nothing' });
      expect(tables[0]?.groups).toMatchObject([{ rows: 90, replaced: 0, dropped: 10 }]);
      expect((await t.read(`v = 'there'`)).map(({ id }) => Number(id))).toEqual(
        Array.from({ length: 10 }, (_, n) => 51 + n),
      );
      await t.expectSettled(100);
    });

    test('a table without a key keeps its duplicates, and moves in one transaction whatever its size', async () => {
      const t = await makeTable('id int, group_id text, v text');
      await t.setUp();
      await t.database.query(
        `insert into ${t.main} select 1, 'big', 'same' from generate_series(1, 120)`,
      );
      const { tables } = await t.migrateAs(dialect, { batchRows: 10 });
      expect(tables[0]?.groups).toMatchObject([{ group: 'big', rows: 120, how: 'whole' }]);
      expect(await t.counts(t.auxiliary)).toEqual({ big: 120 });
      expect(await t.counts(t.main)).toEqual({});
    });

    test('back: groups that shrank return, with identity, generated columns and odd names', async () => {
      const t = await makeTable(
        `"i d" bigint generated always as identity, "group_id" int, "v ""1" text not null,
         twice int generated always as (group_id * 2) stored, primary key ("i d", "group_id")`,
        `Odd ${dialect.distributed}${dialect.onConflict} 'name`,
      );
      await t.setUp();
      await t.database.query(
        `insert into ${t.main} (group_id, "v ""1") select n % 2, 'é' || n from generate_series(1, 200) n`,
      );
      const all = `select * from (table ${t.main} union all table ${t.auxiliary}) x order by 1`;
      const before = await t.database.query(all);
      expect(
        (await t.migrateAs(dialect, { tables: [`public."${t.name}"`] })).tables[0]?.groups,
      ).toHaveLength(2);
      expect(await t.database.query(all)).toEqual(before);
      await t.database.query(`delete from ${t.auxiliary} where group_id = 1 and "i d" > 20`);
      const report = await t.migrateAs(dialect, { tables: [`public."${t.name}"`], back: true });
      expect(report.tables).toMatchObject([
        { direction: 'to-main', groups: [{ group: '1', rows: 10 }], remaining: 0 },
      ]);
      expect(await t.routed()).toEqual(['0']);
      expect(await t.counts(t.main)).toEqual({ 1: 10 });
      expect(await t.counts(t.auxiliary)).toEqual({ 0: 100 });
      // New rows of both tables take their numbers from one sequence.
      await t.database.query(`insert into ${t.auxiliary} (group_id, "v ""1") values (0, 'new')`);
      await t.database.query(`insert into ${t.main} (group_id, "v ""1") values (5, 'new')`);
      const ids = await t.database.query(
        `select "i d"::int as id from (table ${t.main} union all table ${t.auxiliary}) x where "v ""1" = 'new' order by 1`,
      );
      expect(ids).toEqual([{ id: 201 }, { id: 202 }]);
    });
  });

  test('groups are told apart by their text: numeric 1.0 and 1.00', async () => {
    const t = await makeTable('id int primary key, group_id numeric, v text');
    await t.setUp();
    await t.database.query(
      `insert into ${t.main} select n, case when n <= 120 then 1.0 else 1.00 end, 'v' from generate_series(1, 170) n`,
    );
    await t.migrate();
    expect(await t.counts(t.auxiliary)).toEqual({ '1.0': 120 });
    expect(await t.counts(t.main)).toEqual({ '1.00': 50 });
  });

  describe('a collation in which different texts are equal', () => {
    const counts = (t: RoutedFixture, table: string) =>
      t.database.query(
        `select group_id collate "default" as g, count(*)::int as n from ${table} group by 1 order by 2 desc`,
      );

    test.each([
      ['whole', 1000],
      ['in batches', 25],
    ])('groups are told apart by their text, %s', async (how, batchRows) => {
      const collation = `ci_${batchRows}`;
      const t = await makeTable('id int, v text', `ci_${how.replace(' ', '_')}`);
      await t.database.query(
        `create collation ${collation} (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
      );
      await t.database.query(
        `alter table ${t.main} add group_id text collate ${collation}, add primary key (group_id, id)`,
      );
      await t.setUp({ view: true });
      await t.database.query(
        `insert into ${t.main} select n, 'v', case when n <= 60 then 'ABC' else 'abc' end from generate_series(1, 100) n`,
      );
      const dry = await t.migrate({ threshold: 50, batchRows, dryRun: true });
      expect(dry.tables[0]?.groups).toMatchObject([{ group: 'ABC', rows: 60 }]);
      await t.migrate({ threshold: 50, batchRows });
      expect(await counts(t, t.auxiliary)).toEqual([{ g: 'ABC', n: 60 }]);
      expect(await counts(t, t.main)).toEqual([{ g: 'abc', n: 40 }]);
      expect(await t.routed()).toEqual(['ABC']);
      await t.migrate({ threshold: 40, batchRows });
      expect(await counts(t, t.auxiliary)).toEqual([
        { g: 'ABC', n: 60 },
        { g: 'abc', n: 40 },
      ]);
      await t.migrate({ threshold: 50, batchRows, back: true });
      expect(await counts(t, t.auxiliary)).toEqual([{ g: 'ABC', n: 60 }]);
      expect(await counts(t, t.main)).toEqual([{ g: 'abc', n: 40 }]);
      expect(await t.moves()).toEqual([]);
    });
  });

  test('the biggest first, no more than maxGroups; a dry run changes nothing', async () => {
    const t = await makeTable();
    await t.setUp();
    for (const [n, rows] of [100, 300, 200].entries()) await t.fill(n, n * 1000, rows);
    const dry = await t.migrate({ dryRun: true, maxGroups: 2, batchRows: 250 });
    expect(dry.tables[0]).toMatchObject({
      groups: [
        { group: '1', rows: 300, how: 'batches' },
        { group: '2', rows: 200, how: 'whole' },
      ],
      remaining: 1,
    });
    expect(dry.rate).toMatchObject({ measured: false });
    expect(dry.tables[0]?.groups[0]?.seconds).toBeCloseTo(300 / (dry.rate?.rowsPerSecond ?? 0));
    expect(await t.routed()).toEqual([]);
    const { tables } = await t.migrate({ maxGroups: 2 });
    expect(tables[0]).toMatchObject({ groups: [{ group: '1' }, { group: '2' }], remaining: 1 });
    expect(await t.routed()).toEqual(['1', '2']);
  });

  test('rows that somebody wrote past the routing follow their group', async () => {
    const t = await makeTable();
    await t.setUp({ view: true });
    await t.fill(1, 1, 100);
    await t.migrate();
    await t.fill(1, 51, 120);
    await t.database.query(`update ${t.main} set v = 'newer'`);
    const { tables } = await t.migrate();
    expect(tables[0]?.groups).toMatchObject([{ group: '1', rows: 120, replaced: 50 }]);
    expect(await t.read(`v = 'newer'`)).toHaveLength(120);
    await t.expectSettled(170);
  });
});
