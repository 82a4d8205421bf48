// G8: a cluster that gathers statistics by itself does so for no table of an import but the one that is joined.

import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { SUM_VARIABLES, stepLines, WORK_VARIABLES } from '../../../src/applying/apply-step.ts';
import { stageRows } from '../../../src/applying/staged-rows.ts';
import { stageText } from '../../../src/applying/text-rows.ts';
import { doBlock } from '../../../src/database/do-block.ts';
import { PROFILES } from '../../../src/engines/profiles.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { ENGINE_CLUSTERS } from '../../support/engine-clusters.ts';
import type { TestServer } from '../../support/stack.ts';
import { day, id, planOf, v } from '../../unit/applying/plan-fixture.ts';

const ROWS = 500;
const AUTOMATIC = `select set_config(name, 'on_no_stats', true) as mode from pg_settings where name = 'gp_autostats_mode'`;

/** What a transaction of the loader begins with: the steps look things up under it. */
const ROLE_PATH = `select set_config('relyt_loader.role_path', current_setting('search_path'), true)`;

/** Temporary tables that the statement leaves, with the rows that the planner believes in; 0: none were counted. */
async function countedRows(
  database: TestDatabase<TestServer>,
  statement: string,
): Promise<Record<string, number>> {
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await client.query(AUTOMATIC);
    await client.query(ROLE_PATH);
    await client.query(statement);
    const { rows } = await client.query<{ name: string; rows: number }>(
      `select relname as name, greatest(reltuples, 0)::int as rows from pg_class
       where relnamespace = pg_my_temp_schema() and relkind = 'r' order by 1`,
    );
    return Object.fromEntries(rows.map((row) => [row.name, row.rows]));
  } finally {
    await client.query('rollback');
    client.release();
  }
}

for (const { name, server, missing } of ENGINE_CLUSTERS) {
  const plan = planOf({
    dialect: name === 'relyt' ? PROFILES.relyt.dialect : PROFILES.greenplum6.dialect,
    source: 'public.source',
    columns: [day, id, v],
  });

  async function sourceRows(): Promise<TestDatabase<TestServer>> {
    if (server === undefined) throw new Error(`not set: ${missing.join(', ')}`);
    const database = await createTestDatabase(server);
    await database.query(
      `create table public.source as select n::int8 as "relyt ordinal", date '2024-02-03' as day,
              n as "Id", n::text as v from generate_series(1, ${ROWS}) n distributed randomly`,
    );
    return database;
  }

  const reason = server === undefined ? ` (not set: ${missing.join(', ')})` : '';
  describe.skipIf(server === undefined)(`statistics on ${name}${reason}`, () => {
    test('are gathered by the server in a block, too, where it gathers any by itself', async () => {
      await using database = await sourceRows();
      const [{ mode } = { mode: undefined }] = await database.query<{ mode: string }>(AUTOMATIC);
      const copy = `create temporary table relyt_loader_copy on commit drop as select * from public.source`;
      const counted = await countedRows(
        database,
        doBlock([], [`execute ${pg.escapeLiteral(copy)};`]),
      );
      expect(counted).toEqual({ relyt_loader_copy: mode === undefined ? 0 : ROWS });
    });

    test('are those of the rows that are joined', async () => {
      await using database = await sourceRows();
      const steps = stepLines(stageRows(plan), { guard: [] });
      const block = doBlock([...SUM_VARIABLES, ...WORK_VARIABLES], steps);
      expect(await countedRows(database, block)).toEqual({
        relyt_loader_read: 0,
        relyt_loader_staged: ROWS,
      });
    });

    test('of an isolation are those of the rows it looks up by number', async () => {
      await using database = await sourceRows();
      expect(await countedRows(database, stageText(plan, []).text)).toEqual({
        relyt_loader_bad: 0,
        relyt_loader_row: ROWS,
      });
    });
  });
}
