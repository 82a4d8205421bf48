// The SQL of the guide runs as it stands there, with the rights it says are enough.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BulkProcessor, type BulkProcessorConfig } from '../../../src/index.ts';
import { deleteKeys, uniquePrefix } from '../../support/bucket.ts';
import {
  createRole,
  createTestDatabase,
  type TestDatabase,
  type TestRole,
} from '../../support/database.ts';
import { prepareAsInit } from './prepared-database.ts';

const GUIDE = fileURLToPath(new URL('../../../docs/guide', import.meta.url));

describe('install', () => {
  let database: TestDatabase;
  let role: TestRole;
  const prefix = uniquePrefix();

  beforeAll(async () => {
    database = await createTestDatabase();
    role = await createRole(database, 'loader');
    await prepareAsInit(database, { prefix, roles: [role.name] });
    const [grants = ''] = sqlBlocks('install.md');
    // The role of the harness exists already; its name is its own.
    const statements = grants.replace('create role loader login;', '');
    await database.query(statements.replaceAll('loader', pg.escapeIdentifier(role.name)));
    await database.query('create table entry (id int check (id > 0))');
    await database.query('create table seen (id int primary key, name text)');
    await database.query(`grant insert on entry to ${pg.escapeIdentifier(role.name)}`);
    await database.query(`grant insert, select on seen to ${pg.escapeIdentifier(role.name)}`);
  });

  afterAll(async () => {
    await database.drop();
    await deleteKeys(prefix);
  });

  it.each([
    { table: 'events', onConflict: 'update' },
    { table: 'seen', onConflict: 'nothing' },
    { table: 'entry', onConflict: 'update' },
  ] as const)('grants enough to load $table with onConflict $onConflict', async (settings) => {
    const { table, onConflict } = settings;
    await load(role.url, { table, onConflict }, [{ id: 1 }, { id: 2 }]);
    await load(role.url, { table, onConflict }, [{ id: 2 }, { id: 3 }]);

    const [row] = await database.query<{ ids: number[] }>(
      `select array_agg(distinct id::int order by id::int) as ids from ${table}`,
    );
    expect(row?.ids).toEqual([1, 2, 3]);
  });

  it('grants enough to find the record the database refuses', async () => {
    const settings = { table: 'entry', maxErrorRecords: 1 };
    await load(role.url, settings, [{ id: 100 }, { id: -1 }, { id: 101 }]);

    const [row] = await database.query<{ ids: number[] }>(
      'select array_agg(id order by id) as ids from entry where id < 0 or id >= 100',
    );
    expect(row?.ids).toEqual([100, 101]);
  });

  it('grants no more than that', async () => {
    const client = new pg.Client(role.url);
    await client.connect();
    try {
      for (const forbidden of [
        'select * from relyt_sys.sdk_loader_config',
        `insert into relyt_sys.relyt_loader_location values ('https://elsewhere/')`,
        'delete from relyt_sys.relyt_loader_checkpoint',
        'delete from events',
        `create foreign table x (a int) server relyt_loader_files options (program 'true')`,
      ]) {
        await expect(client.query(forbidden), forbidden).rejects.toMatchObject({ code: '42501' });
      }
    } finally {
      await client.end();
    }
  });
});

describe('operate', () => {
  let database: TestDatabase;
  let processId: string;
  const prefix = uniquePrefix();

  beforeAll(async () => {
    database = await createTestDatabase();
    await prepareAsInit(database, { prefix, roles: [] });
    await database.query('create table events (id int primary key)');
    processId = await load(database.url, { table: 'events', maxErrorRecords: 1 }, [
      { id: 1 },
      { id: 'no number' },
    ]);
  });

  afterAll(async () => {
    await database.drop();
    await deleteKeys(prefix);
  });

  /** A backend ends a moment after its client has gone. */
  const sessionsEnded = () =>
    vi.waitFor(
      async () =>
        expect(
          await database.query(
            `select pid from pg_stat_activity
             where datname = current_database() and application_name like 'relyt-sdk %'`,
          ),
        ).toEqual([]),
      { timeout: 5000 },
    );

  it('has queries that find the task, its file, its import and its rejected record', async () => {
    await sessionsEnded();
    const pages = ['operate.md', 'bad-records.md'];
    const queries = pages.flatMap(sqlBlocks).filter((sql) => sql.startsWith('select'));
    const found: Record<string, object[]> = {};
    for (const query of queries) {
      const rows = await database.query(query.replaceAll('<process id>', processId));
      found[/from relyt_sys\.(\w+)/.exec(query)?.[1] ?? 'sessions'] ??= rows;
    }

    expect(found).toMatchObject({
      relyt_loader_checkpoint: [{ process_id: processId, status: 'COMPLETED', error_records: 1 }],
      relyt_loader_file: [{ status: 'IMPORTED', num_records: '1', error: null }],
      relyt_loader_import: [{ num_records: '1', rows_inserted: '1', rows_rejected: '0' }],
      relyt_loader_reject: [{ record_ordinal: '2', stage: 'encode', column_name: 'id' }],
      sessions: [],
    });
    expect(queries).toHaveLength(8);
  });

  it('forgets old tasks, all of their rows and no others', async () => {
    const [script = ''] = sqlBlocks('operate.md').filter((sql) => sql.startsWith('begin'));
    await database.query(script);
    expect(await rowsOfTasks()).toBeGreaterThan(0);

    await database.query(
      `update relyt_sys.relyt_loader_checkpoint set start_time = now() - interval '2 months'`,
    );
    await database.query(script);

    expect(await rowsOfTasks()).toBe(0);
  });

  /** Rows in all tables that know a task: one that the script forgets would be found here. */
  async function rowsOfTasks(): Promise<number> {
    const tables = await database.query<{ name: string }>(
      `select table_name as name from information_schema.columns
       where table_schema = 'relyt_sys' and column_name = 'process_id'`,
    );
    let rows = 0;
    for (const { name } of tables) {
      const [row] = await database.query<{ n: number }>(
        `select count(*)::int as n from relyt_sys.${name}`,
      );
      rows += row?.n ?? 0;
    }
    return rows;
  }
});

async function load(
  connectionString: string,
  { table, ...settings }: Partial<BulkProcessorConfig> & { readonly table: string },
  records: readonly object[],
): Promise<string> {
  const processor = await BulkProcessor.create({
    postgresql: { connectionString, table },
    ...settings,
  });
  try {
    await processor.insert(records);
    await processor.shutdown();
  } finally {
    await processor.abort();
  }
  return processor.processId;
}

function sqlBlocks(page: string): string[] {
  const text = readFileSync(path.join(GUIDE, page), 'utf8');
  return [...text.matchAll(/^```sql\n([\s\S]*?)^```$/gm)].map(([, sql = '']) => sql);
}
