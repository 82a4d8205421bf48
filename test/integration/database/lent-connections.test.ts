// G5, G7: a load over the caller's own connections changes nothing about them, takes no more than there are, and gives
// them back.

import pg from 'pg';
import { describe, expect, test, vi } from 'vitest';
import { listTasks } from '../../../src/administration.ts';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import type { BulkProcessorConfig } from '../../../src/config/load-config.ts';
import { failureOf, generate, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

const makeTarget = targetsOn(defaultServer());
const COLUMNS = 'id bigint primary key, at timestamptz, v text check (v <> $$bad$$)';
const AT = '2026-01-02T03:04:05.678Z';
const record = (id: number) => ({ id, at: AT, v: `value ${id}` });

/** Over these connections instead of the URL of the target. */
function over(
  target: TestTarget,
  way: Pick<BulkProcessorConfig['postgresql'], 'pool' | 'connect'>,
  options: Partial<BulkProcessorConfig> = {},
): BulkProcessorConfig {
  const { schema, table } = target;
  return { ...target.config(), ...options, postgresql: { ...way, schema, table } };
}

async function poolOf(target: TestTarget, max: number) {
  const pool = new pg.Pool({ connectionString: target.database.url, max });
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.end() });
}

describe.each(['postgres', 'copy', 'direct'] as const)(
  'a pool of the caller, engine %s',
  (engine) => {
    test('is loaded through, and as it was before when the load has ended', async () => {
      const target = await makeTarget(COLUMNS);
      await using pool = await poolOf(target, 5);
      await pool.query('create temporary table mine (id int)');
      const options = { engine, concurrency: 2, batchSize: 20, maxErrorRecords: 1 };
      await using processor = await BulkProcessor.create(over(target, { pool }, options));
      await processor.insert(generate(100, record));
      await processor.insert([{ ...record(100), v: 'bad' }]);
      await processor.shutdown();
      expect(await target.count()).toBe(100);
      expect(pool.waitingCount).toBe(0);
      await vi.waitFor(() => expect(pool.idleCount).toBe(pool.totalCount));
      // Its own parsers, no listener of ours, nothing set and no transaction left open.
      const client = await pool.connect();
      expect(client.listenerCount('error')).toBeLessThanOrEqual(1);
      const { rows } = await client.query('select 1::int8 as n, now() as at');
      expect(rows[0]).toEqual({ n: '1', at: expect.any(Date) });
      const settings = await client.query(`select current_setting('search_path') as path,
      current_setting('statement_timeout') as timeout, pg_current_xact_id_if_assigned() as xact`);
      expect(settings.rows).toEqual([{ path: '"$user", public', timeout: '0', xact: null }]);
      client.release();
    });

    test('loses the connection that breaks, and no record (G1)', async () => {
      const target = await makeTarget(COLUMNS);
      await using pool = await poolOf(target, 4);
      pool.on('error', () => undefined);
      await using processor = await BulkProcessor.create(over(target, { pool }, { engine }));
      await processor.insert(generate(10, record));
      await processor.flush();
      await target.database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
      );
      await processor.insert(generate(10, (n) => record(n + 10)));
      await processor.shutdown();
      expect(await target.count()).toBe(20);
    });
  },
);

test('a function that makes connections is called for each, and they are ended', async () => {
  const target = await makeTarget(COLUMNS);
  const clients: pg.Client[] = [];
  const ended = new Set<pg.Client>();
  const connect = async () => {
    const client = new pg.Client({ connectionString: target.database.url });
    client.on('end', () => ended.add(client));
    await client.connect();
    clients.push(client);
    return client;
  };
  await using processor = await BulkProcessor.create(over(target, { connect }));
  await processor.insert(generate(10, record));
  await processor.shutdown();
  expect(await target.count()).toBe(10);
  expect(clients.length).toBeGreaterThan(0);
  await vi.waitFor(() => expect(ended.size).toBe(clients.length));
});

test('tasks are listed over a pool', async () => {
  const target = await makeTarget(COLUMNS);
  await target.load([record(1)]);
  await using pool = await poolOf(target, 2);
  const [task] = await listTasks({ postgresql: { pool } }, { table: `public.${target.table}` });
  expect(task).toMatchObject({ status: 'COMPLETED' });
});

describe('what is refused (G8)', () => {
  test('a pool in which a load would wait for itself', async () => {
    const target = await makeTarget(COLUMNS);
    await using pool = await poolOf(target, 4);
    const failure = await failureOf(
      BulkProcessor.create(over(target, { pool }, { concurrency: 2 })),
    );
    expect(failure).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('at most 4 connections, and 5 are used'),
      hint: expect.stringContaining('max: 5'),
    });
  });

  test.each([
    [
      'a host beside a pool',
      { pool: new pg.Pool(), host: 'h' },
      /leaves no use for postgresql\.host/,
    ],
    ['both ways', { pool: new pg.Pool(), connect: async () => ({}) }, /postgresql\.connect/],
    ['no pool', { pool: {} as never }, /postgresql\.pool: expected a pg\.Pool/],
    ['no client', { connect: async () => ({}) }, /not a connected client/],
  ])('%s', async (_, way, message) => {
    const failure = await failureOf(
      BulkProcessor.create({ postgresql: { ...way, table: 'nowhere' } }),
    );
    expect(failure).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message),
    });
  });

  test('a function that fails, in words that hold no secret of it (G7)', async () => {
    const connect = async () => {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    };
    const failure = await failureOf(
      BulkProcessor.create({ postgresql: { connect, table: 'nowhere' } }),
    );
    expect(failure.code).toBe('DATABASE_UNREACHABLE');
  });
});
