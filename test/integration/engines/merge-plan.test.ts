// An update by MERGE looks each key up by the index, whatever the planner knows of the tables (G8), and leaves the
// settings of the session as they were.

import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyBlock } from '../../../src/applying/apply-block.ts';
import { mergeRows } from '../../../src/applying/merge-rows.ts';
import type { InsertPlan } from '../../../src/applying/plan.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type TestServer, testStack } from '../../support/stack.ts';
import { planOf } from '../../unit/applying/plan-fixture.ts';
import { targetColumn, targetTable } from '../../unit/records/target-fixture.ts';

const COLUMNS = [targetColumn('id', 'int8'), targetColumn('v', 'text')];
const TABLE = targetTable(COLUMNS, ['id']);
const SOURCE = 'pg_temp.staged';

const planFor = (kind: 'table' | 'partitioned'): InsertPlan =>
  planOf({ table: { ...TABLE, kind }, columns: COLUMNS, source: SOURCE, upsertBy: 'merge' });

interface Case {
  readonly name: string;
  readonly rows: number;
  readonly staged: number;
  readonly analyzed: boolean;
  readonly kind?: 'partitioned';
  /** Of these rows the planner is told, then the others come. */
  readonly emptied?: true;
}

const CASES: readonly Case[] = [
  { name: 'an empty table, of which nothing is known', rows: 0, staged: 1_000, analyzed: false },
  { name: 'an empty table that was analyzed', rows: 0, staged: 100_000, analyzed: true },
  { name: 'a small table', rows: 100, staged: 100_000, analyzed: true },
  { name: 'a large table', rows: 1_000_000, staged: 100_000, analyzed: true },
  {
    name: 'a table that was analyzed when all its rows were deleted',
    rows: 300_000,
    staged: 100_000,
    analyzed: false,
    emptied: true,
  },
  {
    name: 'a large table, of which nothing is known',
    rows: 300_000,
    staged: 100_000,
    analyzed: false,
  },
  { name: 'partitions', rows: 100_000, staged: 100_000, analyzed: true, kind: 'partitioned' },
];

async function prepare(client: pg.PoolClient, { rows, staged, analyzed, kind, emptied }: Case) {
  await client.query('begin');
  await client.query(
    `create table public.t (id int8 primary key, v text)${kind ? ' partition by hash (id)' : ''}`,
  );
  for (let part = 0; kind !== undefined && part < 4; part++)
    await client.query(
      `create table public.t${part} partition of public.t for values with (modulus 4, remainder ${part})`,
    );
  if (emptied)
    await client.query(
      'insert into public.t select n from generate_series(1, 1000) n; delete from public.t; analyze public.t',
    );
  await client.query(`insert into public.t select n, n::text from generate_series(1, ${rows}) n`);
  await client.query(
    `create temporary table staged as select n::int8 as "relyt ordinal", n::int8 as id, n::text as v from generate_series(1, ${staged}) n`,
  );
  if (analyzed) await client.query('analyze public.t; analyze staged');
}

const SERVERS = testStack().servers.map((server) => ({ name: server.name, server }));

describe.each(SERVERS)('an update by MERGE on $name', ({ server }) => {
  let database: TestDatabase<TestServer>;

  beforeAll(async () => {
    database = await createTestDatabase(server);
  });

  afterAll(async () => {
    await database?.drop();
  });

  /** Nothing of the work stays in the database. */
  async function inTransaction(work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
    const client = await database.pool.connect();
    try {
      await work(client);
    } finally {
      await client.query('rollback');
      client.release();
    }
  }

  test.each(CASES)('looks keys up by the index: into $name', async (given) => {
    await inTransaction(async (client) => {
      await prepare(client, given);
      const { text, settings = {} } = mergeRows(planFor(given.kind ?? 'table'), SOURCE);
      for (const [name, value] of Object.entries(settings))
        await client.query('select set_config($1, $2, true)', [name, value]);
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (costs off) ${text}`);
      const plan = rows.map((line) => line['QUERY PLAN']).join('\n');
      expect(plan).toMatch(/Nested Loop Left Join\n.*Seq Scan on staged w/);
      expect(plan.match(/Index Scan using \w+ on t\d?/g)).toHaveLength(given.kind ? 4 : 1);
      expect(plan).not.toMatch(/Hash|Merge Join|Bitmap|Memoize|Materialize|Seq Scan on t/);
    });
  });

  test('leaves the settings as they were', async () => {
    await inTransaction(async (client) => {
      await prepare(client, { name: '', rows: 10, staged: 100, analyzed: false });
      const plan = planFor('table');
      const names = Object.keys(mergeRows(plan, SOURCE).settings ?? {});
      const settings = async () => {
        const { rows } = await client.query(
          'select name, setting from pg_settings where name = any($1) order by name',
          [names],
        );
        return rows;
      };
      await client.query(
        `set local enable_hashjoin = off; set local enable_nestloop = off; select set_config('relyt_loader.role_path', current_setting('search_path'), true)`,
      );
      const before = await settings();
      expect(before).toHaveLength(names.length);
      await client.query(applyBlock(plan, []).text);
      expect(await settings()).toEqual(before);
      const { rows } = await client.query(
        `select current_setting('relyt_loader.counts')::json as counts`,
      );
      expect(rows).toEqual([
        { counts: { read: 100, winners: 100, written: 100, inserted: 90, rejected: 0 } },
      ]);
    });
  });
});
