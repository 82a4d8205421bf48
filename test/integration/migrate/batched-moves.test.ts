// A group bigger than a batch moves in several transactions; whoever reads or writes by the routing never notices.

import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { POSTGRESQL } from '../../../src/core/dialect.ts';
import { armFailpoint } from '../../../src/failpoints.ts';
import type { MigrationProgress } from '../../../src/migrate/migrate-options.ts';
import { newestServers } from '../../support/stack.ts';
import { LIKE_GREENPLUM_6, type RoutedFixture, routedTablesOn } from './routed-tables.ts';

const DIALECTS = [
  ['as PostgreSQL', POSTGRESQL],
  ['as Greenplum 6, one table at a time', LIKE_GREENPLUM_6],
] as const;

/** Runs `turn` on a connection of its own, again and again, until stopped; rejects with its first error. */
function repeat(t: RoutedFixture, turn: (client: pg.Client, n: number) => Promise<void>) {
  let running = true;
  let turns = 0;
  const ended = (async () => {
    const client = new pg.Client({ connectionString: t.database.url });
    await client.connect();
    try {
      while (running) await turn(client, turns++);
    } finally {
      await client.end();
    }
  })();
  // It is awaited later: until then a failure is no unhandled one.
  ended.catch(() => undefined);
  return async () => {
    running = false;
    await ended;
    return turns;
  };
}

/** An import as the loading side does it: where the group lives, and on to the copy that is being made of it. */
async function importRecords(
  t: RoutedFixture,
  client: pg.Client,
  rows: readonly [number, number][],
) {
  const values = rows.map(([id, group]) => `(${id}::bigint, ${group}, 'imported')`).join(', ');
  await client.query(`begin; lock table ${t.routing} in share mode`);
  const upsert = (table: string, which: string) =>
    client.query(`insert into ${table} select * from (values ${values}) r (id, group_id, v) where ${which}
      on conflict (id) do update set group_id = excluded.group_id, v = excluded.v`);
  const routed = `exists (select from ${t.routing} where routing_id = r.group_id::text)`;
  const copied = `exists (select from relyt_sys.relyt_loader_move where main_table = 'public.${t.name}'
    and routing_id = r.group_id::text and phase = 'COPY')`;
  await upsert(t.main, `not ${routed} or ${copied}`);
  await upsert(t.auxiliary, `${routed} or ${copied}`);
  await client.query('commit');
}

describe.each(newestServers())('a move in batches on $name', (server) => {
  const makeTable = routedTablesOn(server);

  test.each(DIALECTS)('there and back, %s', async (_, dialect) => {
    const t = await makeTable();
    await t.setUp({ view: true });
    await t.fill(1, 1, 130);
    await t.fill(2, 201, 50);
    await t.fill(null, 301, 200);
    const before = await t.read();
    const steps: MigrationProgress[] = [];
    const onProgress = (progress: MigrationProgress) => steps.push(progress);
    const there = await t.migrateAs(dialect, { batchRows: 40, onProgress });
    expect(there.tables[0]?.groups).toMatchObject([
      { group: '1', rows: 130, replaced: 0, dropped: 0, how: 'batches', resumed: false },
    ]);
    expect(steps.map(({ step, rows }) => `${step} ${rows}`)).toEqual([
      ...[40, 80, 120, 130].map((rows) => `copy ${rows}`),
      ...[40, 80, 120, 130].map((rows) => `clean ${rows}`),
    ]);
    expect(steps.at(-2)).toMatchObject({ rows: 120, rowsTotal: 130, groups: 0, groupsTotal: 1 });
    expect(steps.at(-1)).toMatchObject({ rows: 130, rowsTotal: 130, groups: 1, groupsTotal: 1 });
    expect(await t.read()).toEqual(before);
    expect(await t.counts(t.auxiliary)).toEqual({ 1: 130 });
    await t.expectSettled(380);
    const back = await t.migrateAs(dialect, { batchRows: 40, back: true, threshold: 131 });
    expect(back.tables[0]?.groups).toMatchObject([{ group: '1', rows: 130, how: 'batches' }]);
    expect(await t.read()).toEqual(before);
    expect(await t.routed()).toEqual([]);
    await t.expectSettled(380);
  });

  test('a batch that ends with the last row', async () => {
    const t = await makeTable();
    await t.setUp();
    await t.fill(1, 1, 120);
    await t.migrate({ batchRows: 40 });
    await t.expectSettled(120);
  });

  test.each([
    ['update', { replaced: 15, dropped: 0 }, []],
    ['nothing', { replaced: 0, dropped: 10 }, [51, 52, 53, 54, 55, 56, 57, 58, 59, 60]],
  ] as const)('keys that are in both tables, %s', async (onConflict, counts, there) => {
    const t = await makeTable();
    await t.setUp({ view: true });
    await t.fill(100, 1, 130);
    await t.fill(100, 51, 10, t.auxiliary);
    // Of no group that lives there, and with keys of another group of the main table.
    if (onConflict === 'update') await t.fill(7, 61, 5, t.auxiliary);
    await t.database.query(`update ${t.auxiliary} set v = 'there'`);
    // Rows of the group that only the auxiliary table has.
    await t.fill(100, 501, 3, t.auxiliary);
    const { tables } = await t.migrate({ onConflict, batchRows: 40 });
    expect(tables[0]?.groups).toMatchObject([{ group: '100', ...counts, rows: 133 }]);
    expect((await t.read(`v = 'there'`)).map(({ id }) => Number(id))).toEqual(there);
    expect(await t.read()).toHaveLength(133);
    await t.expectSettled(133);
  });

  test('keys of several columns and types that their texts could lose', async () => {
    const t = await makeTable(
      `f float8, at timestamptz, c char(4), n numeric, id int, group_id text collate "C", v text,
       primary key (at, f, c, n)`,
    );
    await t.setUp({ view: true });
    await t.database.query(`alter database ${t.database.name} set datestyle = 'SQL, DMY'`);
    await t.database.query(`alter database ${t.database.name} set extra_float_digits = -10`);
    await t.database.query(
      `insert into ${t.main} select random() + 1e-17 * n, timestamptz '2026-01-01' + n % 7 * interval '1.000001 s',
         'a' || n % 3, n / 7.0, n, case when n <= 500 then 'it''s é' else 'other' end, 'v' from generate_series(1, 600) n`,
    );
    const before = await t.read();
    await t.migrate({ batchRows: 7, threshold: 500 });
    expect(await t.read()).toEqual(before);
    await t.expectSettled(600);
    await t.migrate({ batchRows: 7, threshold: 501, back: true });
    expect(await t.read()).toEqual(before);
    await t.expectSettled(600);
    await t.database.query(`alter database ${t.database.name} reset all`);
  });

  test('readers, through the view and through the routing table, see every key exactly once in every phase', async () => {
    const t = await makeTable();
    await t.setUp({ view: true });
    await t.fill(1, 1, 2000);
    await t.fill(2, 5001, 50);
    const whole = { n: 2050, ids: 2050, sum: (2000 * 2001) / 2 + 50 * 5001 + (49 * 50) / 2 };
    const counted = 'count(*)::int as n, count(distinct id)::int as ids, sum(id)::int as sum';
    const throughView = repeat(t, async (client) => {
      const { rows } = await client.query(`select ${counted} from ${t.view}`);
      expect(rows).toEqual([whole]);
    });
    const throughRouting = repeat(t, async (client) => {
      await client.query('begin isolation level repeatable read read only');
      const { rows } = await client.query(`select 1 from ${t.routing} where routing_id = '1'`);
      const home = rows.length > 0 ? t.auxiliary : t.main;
      const found = await client.query(`select ${counted} from ${home} where group_id = 1`);
      await client.query('commit');
      expect(found.rows).toEqual([{ n: 2000, ids: 2000, sum: (2000 * 2001) / 2 }]);
    });
    await t.migrate({ batchRows: 50 });
    await t.migrate({ batchRows: 50, back: true, threshold: 5000 });
    await t.migrate({ batchRows: 50 });
    expect(await throughView()).toBeGreaterThan(20);
    expect(await throughRouting()).toBeGreaterThan(20);
    await t.expectSettled(2050);
  });

  test.each(DIALECTS)(
    'imports between the batches: new keys and new values arrive once, %s (G1, G3)',
    async (_, dialect) => {
      const t = await makeTable();
      await t.setUp({ view: true });
      await t.fill(1, 1, 1000);
      await t.fill(2, 3001, 50);
      let next = 2000;
      const importing = repeat(t, async (client, n) => {
        // A value before and one behind what is copied already, and a new key in the middle of the order.
        await importRecords(
          t,
          client,
          [
            [1 + ((n * 7) % 1000), 1],
            [1000 - ((n * 3) % 500), 1],
            [next++, 1],
          ].filter(([id], at, all) => all.findIndex(([other]) => other === id) === at) as [
            number,
            number,
          ][],
        );
      });
      await t.migrateAs(dialect, { batchRows: 50 });
      const turns = await importing();
      expect(turns).toBeGreaterThan(5);
      expect(await t.read()).toHaveLength(1050 + turns);
      const imported = await t.read(`v = 'imported'`);
      expect(imported.filter(({ id }) => Number(id) >= 2000)).toHaveLength(turns);
      for (let n = 0; n < turns; n++) {
        expect(imported.some(({ id }) => Number(id) === 1 + ((n * 7) % 1000))).toBe(true);
      }
      await t.expectSettled(1050 + turns);
    },
  );

  describe('a column that is added between two batches', () => {
    /** Migrates, and alters the tables once the first batch is copied. */
    async function migrateAltering(t: RoutedFixture, ...statements: readonly string[]) {
      let batches = 0;
      const disarm = armFailpoint('move-batch-copied', async () => {
        if (++batches === 1) await t.database.query(statements.join('; '));
      });
      try {
        await t.migrate({ batchRows: 40 });
      } finally {
        disarm();
      }
    }
    const added = (table: string) => `alter table ${table} add column added int default 7`;
    const filled = (t: RoutedFixture) => `update ${t.main} set added = id where id > 40`;
    const expectFilled = async (t: RoutedFixture) => {
      const expected = 'case when id > 40 then id else 7 end';
      const wrong = `select * from ${t.auxiliary} where added is distinct from ${expected}`;
      expect(await t.database.query(wrong)).toEqual([]);
      await t.expectSettled(100);
    };

    test('moves with the rows that are still to come (G4)', async () => {
      const t = await makeTable();
      await t.setUp();
      await t.fill(1, 1, 100);
      await migrateAltering(t, added(t.main), added(t.auxiliary), filled(t));
      await expectFilled(t);
    });

    test('to one of the two tables only: the move stops, and goes on once they are alike', async () => {
      const t = await makeTable();
      await t.setUp();
      await t.fill(1, 1, 100);
      await expect(migrateAltering(t, added(t.main), filled(t))).rejects.toMatchObject({
        code: 'ROUTING_INVALID',
      });
      await t.database.query(added(t.auxiliary));
      const { tables } = await t.migrate({ batchRows: 40 });
      expect(tables[0]?.groups).toMatchObject([{ group: '1', rows: 100, resumed: true }]);
      await expectFilled(t);
    });
  });

  test('two migrations at once share the groups, and each group moves once', async () => {
    const t = await makeTable();
    await t.setUp({ view: true });
    for (let group = 0; group < 12; group++) await t.fill(group, group * 1000, 100 + group * 10);
    const before = await t.read();
    const reports = await Promise.all([
      t.migrate({ batchRows: 150 }),
      t.migrate({ batchRows: 150 }),
      t.migrate({ batchRows: 150 }),
    ]);
    const moved = reports.flatMap(({ tables }) => tables[0]?.groups ?? []);
    expect(moved.map(({ group }) => Number(group)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, n) => n),
    );
    expect(moved.reduce((sum, { rows }) => sum + rows, 0)).toBe(before.length);
    expect(await t.read()).toEqual(before);
    await t.expectSettled(before.length);
  });
});
