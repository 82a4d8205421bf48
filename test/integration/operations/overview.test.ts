import { describe, expect, test, vi } from 'vitest';
import { listTasks, showTask } from '../../../src/administration.ts';
import { createTestDatabase } from '../../support/database.ts';
import { generate, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer, newestServers } from '../../support/stack.ts';
import { accessTo, relytOn, said } from '../cli/relyt-on.ts';
import { loaderOf } from '../database/two-roles.ts';
import { loseSight, record } from './interrupted-tasks.ts';

const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** As the Go SDK leaves it: a checkpoint row and nothing else. */
async function foreignTask(target: TestTarget, processId: string): Promise<void> {
  const files = [
    { file_id: 'a', status: 'IMPORTED', num_records: 10 },
    { file_id: 'b', status: 'ERROR', num_records: 5, error_reason: 'disk full' },
  ];
  await target.database.query(
    `insert into relyt_sys.relyt_loader_checkpoint
       (process_id, pg_table, status, start_time, files_total, files_imported, file_details, error_records)
     values ($1, 'public.other', 'RUNNING', '2020-01-02T03:04:05Z', 2, 1, $2, 3)`,
    [processId, JSON.stringify(files)],
  );
}

/** A task whose process died without a word: RUNNING, and its lease ran out. */
async function deadTask(target: TestTarget): Promise<string> {
  const processor = await target.open({ leaseSeconds: 3600 });
  await processor.insert(generate(5, record));
  await processor.suspend('as if it had died');
  await target.database.query(
    `update relyt_sys.relyt_loader_checkpoint set status = 'RUNNING', error_message = null where process_id = $1`,
    [processor.processId],
  );
  await loseSight(target, processor.processId);
  return processor.processId;
}

describe.each(newestServers())('overview of tasks on $name', (server) => {
  const makeTarget = targetsOn(server);

  test('a running task is alive, with exact counts although its summary lags', async () => {
    const target = await makeTarget('id int primary key, v text');
    await using processor = await target.open({ batchSize: 10, maxErrorRecords: 5 });
    await processor.insert([...generate(30, record), { id: 'not a number', v: '' }]);
    await processor.flush();

    const [task, ...others] = await listTasks(accessTo(target), {
      table: `public.${target.table}`,
    });

    expect(others).toEqual([]);
    expect(task).toMatchObject({
      processId: processor.processId,
      status: 'RUNNING',
      alive: true,
      foreign: false,
      owner: expect.stringMatching(`:${process.pid}#`),
      startedAt: expect.stringMatching(UTC),
      lastInsertAt: expect.stringMatching(UTC),
      files: { total: 3, imported: 3 },
      records: 30,
      rejected: 1,
      error: null,
    });
    await processor.shutdown();
  });

  test('G6: a task whose process has left is not shown as running, at once and to those who can see it', async () => {
    const target = await makeTarget('id int, v text');
    const loader = await loaderOf(target);
    const processor = await target.open({ leaseSeconds: 3600, url: loader.url });
    await processor.insert(generate(5, record));
    const { processId } = processor;
    const as = (url: string) => ({ ...accessTo(target), postgresql: { connectionString: url } });
    for (const url of [loader.url, target.database.url])
      expect(await showTask(as(url), processId)).toMatchObject({ alive: true, connected: true });
    await processor.suspend('as if it had died');
    await target.database.query(
      `update relyt_sys.relyt_loader_checkpoint set status = 'RUNNING', error_message = null where process_id = $1`,
      [processId],
    );
    for (const url of [loader.url, target.database.url]) {
      await vi.waitFor(
        async () =>
          expect(await showTask(as(url), processId)).toMatchObject({
            ...{ alive: true, connected: false, next: 'resume' },
          }),
        { timeout: 60_000 },
      );
    }
    expect((await relytOn(target, 'tasks')).stdout).toContain('RUNNING (no process)');
    const member = await loaderOf(target);
    await target.database.query(`grant "${loader.name}" to "${member.name}"`);
    expect(await showTask(as(member.url), processId)).toMatchObject({
      ...{ alive: true, connected: null, next: 'wait' },
    });
    await target.database.query(
      `update relyt_sys.relyt_loader_task set holder_server = holder_server - interval '1 day' where process_id = $1`,
      [processId],
    );
    expect(await showTask(as(loader.url), processId)).toMatchObject({ connected: null });
  });

  test('a task whose lease ran out is dead, and the command says so', async () => {
    const target = await makeTarget('id int, v text');
    const processId = await deadTask(target);

    const result = await relytOn(target, 'tasks', '--status', 'running');

    expect(result.code).toBe(0);
    const line = result.stdout.split('\n').find((text) => text.startsWith(processId));
    expect(line).toMatch(/RUNNING \(dead\)/);
    const { tasks } = said(await relytOn(target, 'tasks', '--json')) as { tasks: object[] };
    expect(tasks).toContainEqual(
      expect.objectContaining({ processId, status: 'RUNNING', alive: false, records: 5 }),
    );
    expect((await showTask(accessTo(target), processId)).next).toBe('resume');
  });

  test('filters by state and table, the newest first, at most so many', async () => {
    const target = await makeTarget('id int, v text');
    const ids = [];
    for (let n = 0; n < 3; n++) ids.unshift(await target.load(generate(1, record)));
    const table = `public.${target.table}`;
    const listed = async (filter: object) =>
      (await listTasks(accessTo(target), { table, ...filter })).map(({ processId }) => processId);

    expect(await listed({})).toEqual(ids);
    expect(await listed({ limit: 2 })).toEqual(ids.slice(0, 2));
    expect(await listed({ status: 'FAILED' })).toEqual([]);
    expect(await listed({ status: 'COMPLETED' })).toEqual(ids);
  });

  test('shows a failed task: files by state, reason, lease, position, what to do', async () => {
    const target = await makeTarget('id int primary key, v text check (v <> $$bad$$)');
    const processor = await target.open({ batchSize: 10, source: { kind: 'queue', name: 'q' } });
    await processor.insert(generate(10, record), { position: { offset: 10 } });
    await processor.flush();
    await processor.insert([{ id: 11, v: 'bad' }]);
    await expect(processor.shutdown()).rejects.toMatchObject({ code: 'IMPORT_REFUSED' });

    const details = await showTask(accessTo(target), processor.processId);

    expect(details).toMatchObject({
      status: 'FAILED',
      alive: false,
      error: expect.stringContaining('record 11'),
      next: 'resume',
      filesByStatus: [
        { status: 'ERROR', files: 1, records: 1 },
        { status: 'IMPORTED', files: 1, records: 10 },
      ],
      task: {
        lastOrdinal: 11,
        replayAfter: 10,
        position: { offset: 10 },
        stagedColumns: ['id', 'v'],
        settings: { source: { kind: 'queue', name: 'q' }, batchSize: 10 },
        lease: { epoch: 1, seconds: 30 },
        rows: { imports: 1, records: 10, inserted: 10, rejected: 0 },
        failedFiles: [{ error: expect.stringContaining('record 11') }],
      },
    });
    const shown = await relytOn(target, 'show', processor.processId);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain(`relyt resume ${processor.processId}`);
    expect(shown.stdout).toMatch(/\d+ bytes +IMPORTED/);
  });

  test('a task of the Go SDK is listed and shown as foreign', async () => {
    const target = await makeTarget('id int, v text');
    await target.load(generate(1, record));
    await foreignTask(target, 'go-1');

    const details = await showTask(accessTo(target), 'go-1');

    expect(details).toMatchObject({
      foreign: true,
      alive: null,
      owner: null,
      startedAt: '2020-01-02T03:04:05.000Z',
      files: { total: 2, imported: 1 },
      records: null,
      rejected: 3,
      task: null,
      next: 'nothing',
      filesByStatus: [
        { status: 'ERROR', files: 1, records: 5, storedBytes: null },
        { status: 'IMPORTED', files: 1, records: 10, storedBytes: null },
      ],
    });
    expect((await relytOn(target, 'tasks')).stdout).toMatch(/go-1 .*\(foreign\)/);
  });
});

describe('databases without tasks', () => {
  test('G8: a database that was never prepared is SCHEMA_MISSING', async () => {
    await using database = await createTestDatabase(defaultServer());
    const access = { postgresql: { connectionString: database.url } };

    await expect(listTasks(access)).rejects.toMatchObject({ code: 'SCHEMA_MISSING' });
  });

  test('a database of the Go SDK alone, without any table of ours, is read', async () => {
    await using database = await createTestDatabase(defaultServer());
    await database.query(`create schema relyt_sys;
      create table relyt_sys.relyt_loader_checkpoint (
        process_id text primary key, pg_table text not null, status text not null,
        start_time timestamptz not null, last_insert_time timestamptz, files_total int default 0,
        files_imported int default 0, file_details jsonb default '[]'::jsonb, error_message text,
        error_records int default 0);
      insert into relyt_sys.relyt_loader_checkpoint (process_id, pg_table, status, start_time)
      values ('go-2', 'public.t', 'COMPLETED', now())`);
    const access = { postgresql: { connectionString: database.url } };

    expect(await listTasks(access)).toMatchObject([{ processId: 'go-2', foreign: true }]);
    expect(await showTask(access, 'go-2')).toMatchObject({ foreign: true, filesByStatus: [] });
  });

  test('G8: an id that is none is TASK_NOT_FOUND', async () => {
    await using database = await createTestDatabase(defaultServer());
    await database.query('create schema relyt_sys');
    await database.query(
      'create table relyt_sys.relyt_loader_checkpoint (process_id text, pg_table text, status text, start_time timestamptz, last_insert_time timestamptz, files_total int, files_imported int, error_message text, error_records int)',
    );
    const access = { postgresql: { connectionString: database.url } };

    await expect(showTask(access, 'nobody')).rejects.toMatchObject({
      code: 'TASK_NOT_FOUND',
      details: { processId: 'nobody' },
    });
  });
});
