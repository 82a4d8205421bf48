// A migration moves what it should, whole groups and nothing else, whatever the role or the database are set to (G4).

import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { newestServers } from '../../support/stack.ts';
import { setOddly } from '../trust/odd-settings.ts';
import { migrateAs, migratorOf, type RoutedFixture, routedTablesOn } from './routed-tables.ts';

const WAYS = [
  { how: 'whole', batchRows: 100_000 },
  { how: 'in batches', batchRows: 90 },
] as const;

describe.each(newestServers())('a migration on $name', (server) => {
  const makeTable = routedTablesOn(server);

  test.each(WAYS)(
    '$how finds every row where a scan of a GIN index may drop some (G4)',
    async (way) => {
      const t = await makeTable();
      await t.setUp({ view: true });
      await t.database.query('create extension if not exists btree_gin');
      for (const table of [t.main, t.auxiliary])
        await t.database.query(
          `create index on ${table} using gin (group_id) with (fastupdate = off)`,
        );
      // An index drops rows only of groups that have many.
      await t.fill(100, 1, 5000);
      await t.fill(7, 20_001, 5000);
      await t.database.query(`analyze ${t.main}`);
      const before = await t.read();
      const role = await migratorOf(t);
      await t.database.query(`alter role "${role.name}" set gin_fuzzy_search_limit = 1`);
      for (const scan of ['seqscan', 'indexscan'])
        await t.database.query(`alter role "${role.name}" set enable_${scan} = off`);
      const batchRows = 10 * way.batchRows;
      const { tables } = await migrateAs(role, t, { batchRows, threshold: 1000, maxGroups: 1 });
      expect(tables[0]?.groups).toMatchObject([{ rows: 5000 }]);
      await t.expectSettled(10_000);
      expect(await t.read()).toEqual(before);
    },
  );

  /** Keys and values of which the text, or the order, is another one by a setting. */
  const COLUMNS = `group_id text, day date, at timestamptz, span interval, ratio float8, raw bytea, v text,
    tags text[], price money, doc xml, id int generated always as identity,
    primary key (day, at, span, ratio, raw, v, id)`;

  async function filled(): Promise<RoutedFixture> {
    const t = await makeTable(COLUMNS);
    await t.setUp({ view: true });
    await t.database.query(
      `insert into ${t.main} select case when n % 10 = 0 then null else 'g' || n % 2 end, date '2024-01-01' + n % 40,
         timestamptz '2024-03-31 01:30+00' + n * interval '20 minutes', n * interval '-1 day 1.5 hours', 1 / (n + 0.1),
         ('\\x' || lpad(to_hex(n), 4, '0') || '5c')::bytea, 'back\\slash '' ' || n,
         array['a', null, 'NULL', n::text], n::money, ('<a>' || n || '</a>')::xml
       from generate_series(1, 500) n`,
    );
    return t;
  }

  /** By a session of its own: settings of the database may have been those of others. */
  async function read({ database }: RoutedFixture, from: string): Promise<unknown[]> {
    const reader = new pg.Client({ connectionString: database.url });
    await reader.connect();
    const text = `select md5(x::text) as row from ${from} x order by 1`;
    const { rows } = await reader.query(text).finally(() => reader.end());
    return rows;
  }

  test.each(WAYS)(
    '$how, there and back, under settings that would change a result (G4)',
    async (way) => {
      const t = await filled();
      const before = await read(t, t.main);
      const role = await migratorOf(t);
      await setOddly(t.database, `role "${role.name}"`);
      const { batchRows } = way;
      const there = await migrateAs(role, t, { batchRows });
      expect(there.tables).toMatchObject([
        {
          groups: [
            { group: 'g1', rows: 250 },
            { group: 'g0', rows: 200 },
          ],
          failed: [],
        },
      ]);
      expect(await t.routed()).toEqual(['g0', 'g1']);
      await t.expectSettled(500);
      expect(await read(t, t.view)).toEqual(before);
      const back = await migrateAs(role, t, { batchRows, back: true, threshold: 100_000 });
      expect(back.tables).toMatchObject([
        {
          groups: [
            { group: 'g0', rows: 200 },
            { group: 'g1', rows: 250 },
          ],
          failed: [],
        },
      ]);
      await t.expectSettled(500);
      expect(await read(t, t.main)).toEqual(before);
    },
  );

  test('takes those of the database, too', async () => {
    const t = await filled();
    const before = await read(t, t.main);
    const role = await migratorOf(t);
    const database = `database "${t.database.name}"`;
    await setOddly(t.database, database, { path: '' });
    await migrateAs(role, t, { batchRows: 90 }).finally(() =>
      t.database.query(`alter ${database} reset all`),
    );
    await t.expectSettled(500);
    expect(await read(t, t.view)).toEqual(before);
  });
});
