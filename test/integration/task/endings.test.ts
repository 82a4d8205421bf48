// How a task ends, and what its checkpoint says: the rows users of the Go SDK query.

import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { failureOf, generate, targetsOn } from '../../support/loading.ts';
import { defaultServer, newestServers } from '../../support/stack.ts';

const record = (n: number) => ({ id: n, v: `value ${n}` });
const COLUMNS = 'id int primary key, v text';

describe.each(newestServers())('the checkpoint on $name', (server) => {
  const makeTarget = targetsOn(server);

  test('says what was imported after flush(), and COMPLETED after shutdown()', async () => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open({ batchSize: 10 });
    const before = Date.now();
    expect(await target.checkpoint(processor.processId)).toMatchObject({
      pg_table: `public.${target.table}`,
      status: 'RUNNING',
      files_total: 0,
      files_imported: 0,
      last_insert_time: null,
      error_message: null,
      error_records: 0,
    });
    await processor.insert(generate(25, record));
    await processor.flush();
    const row = await target.checkpoint(processor.processId);
    expect(row).toMatchObject({ status: 'RUNNING', files_total: 3, files_imported: 3 });
    for (const time of [row.start_time, row.last_insert_time]) {
      expect(Math.abs((time as Date).getTime() - before)).toBeLessThan(60_000);
    }
    await processor.shutdown();
    expect(await target.checkpoint(processor.processId)).toMatchObject({
      status: 'COMPLETED',
      error_message: null,
    });
  });

  test('answers the documented query over its files, in UTC', async () => {
    const target = await makeTarget(COLUMNS);
    await target.database.query(`alter role current_user set timezone = 'Asia/Kolkata'`);
    const processId = await target.load(generate(25, record), { batchSize: 10 });
    await target.database.query(`alter role current_user reset timezone`);
    const files = await target.database.query(
      `select file->>'file_id' as id, file->>'status' as status, file->>'s3_key' as key,
              (file->>'num_records')::int as records, file->>'created_at' as created, file->>'imported_at' as imported,
              abs(extract(epoch from now() - (file->>'imported_at')::timestamptz)) < 60 as recent
       from relyt_sys.relyt_loader_checkpoint, jsonb_array_elements(file_details) as file
       where process_id = $1`,
      [processId],
    );
    const utc = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const key = expect.stringMatching(
      new RegExp(`^${target.prefix}/\\d{4}-\\d\\d-\\d\\d/${processId}/`),
    );
    expect(files).toEqual(
      [10, 10, 5].map((records, index) => ({
        id: String(index + 1),
        status: 'IMPORTED',
        key,
        records,
        created: utc,
        imported: utc,
        recent: true,
      })),
    );
  });
});

describe('the end of a task', () => {
  const makeTarget = targetsOn(defaultServer());

  test('after shutdown() every call rejects with CLOSED; a second shutdown() does nothing', async () => {
    const target = await makeTarget(COLUMNS);
    const processor = await target.open();
    await processor.insert([record(1)]);
    await Promise.all([processor.shutdown(), processor.shutdown()]);
    await processor.shutdown();
    await processor.abort();
    expect((await failureOf(processor.insert([record(2)]))).code).toBe('CLOSED');
    expect((await failureOf(processor.flush())).code).toBe('CLOSED');
    expect(await target.checkpoint(processor.processId)).toMatchObject({ status: 'COMPLETED' });
    expect(await target.rows()).toEqual([record(1)]);
  });

  test('suspend() imports what there is and marks the task FAILED with its reason', async () => {
    const target = await makeTarget(COLUMNS);
    const processor = await target.open();
    await processor.insert([record(1)]);
    await processor.suspend('the source is gone');
    expect(await target.rows()).toEqual([record(1)]);
    expect(await target.checkpoint(processor.processId)).toMatchObject({
      status: 'FAILED',
      error_message: 'the source is gone',
    });
  });

  test('abort() cancels an import under way at once and imports nothing more', async () => {
    const target = await makeTarget(COLUMNS);
    const lock = await target.lock();
    const processor = await target.open({ batchSize: 10 });
    await processor.insert(generate(100, record));
    const flushed = failureOf(processor.flush());
    await target.untilImportWaits();
    // The lock is still held: only a cancellation ends the import.
    await processor.abort();
    await lock.release();
    expect((await flushed).code).toBe('ABORTED');
    expect((await failureOf(processor.insert([record(1)]))).code).toBe('ABORTED');
    expect(await target.count()).toBe(0);
    const files = await target.files(processor.processId);
    expect(new Set(files.map((file) => file.status))).toEqual(new Set(['ERROR']));
    expect(await target.checkpoint(processor.processId)).toMatchObject({
      status: 'CANCELLED',
      error_message: 'aborted',
    });
  });

  test('abort() gives up a file whose row is still being written', async () => {
    const target = await makeTarget(COLUMNS);
    const processor = await target.open({ batchSize: 10 });
    const other = await target.database.pool.connect();
    // Not committed: the loader's own row with this key waits for it, and no other statement does.
    await other.query('begin');
    await other.query(
      `insert into relyt_sys.relyt_loader_file
         (process_id, file_id, generation, lane, s3_bucket, s3_key, s3_url, status, created_at)
       values ($1, 1, 1, 0, '', '', '', 'CREATED', now())`,
      [processor.processId],
    );
    await processor.insert(generate(10, record));
    await target.untilImportWaits();
    const aborted = processor.abort();
    await Promise.race([aborted, delay(500)]);
    await other.query('rollback');
    other.release();
    await aborted;
    expect(await target.files(processor.processId)).toMatchObject([{ status: 'ERROR' }]);
  });

  test('abort() while shutdown() waits for an import', async () => {
    const target = await makeTarget(COLUMNS);
    const lock = await target.lock();
    const processor = await target.open();
    await processor.insert(generate(10, record));
    const ended = failureOf(processor.shutdown());
    await target.untilImportWaits();
    await processor.abort();
    await lock.release();
    expect((await ended).code).toBe('ABORTED');
    expect(await target.count()).toBe(0);
    expect(await target.checkpoint(processor.processId)).toMatchObject({ status: 'CANCELLED' });
  });

  test('an AbortSignal does what abort() does', async () => {
    const target = await makeTarget(COLUMNS);
    const controller = new AbortController();
    const processor = await target.open({ signal: controller.signal });
    await processor.insert([record(1)]);
    controller.abort();
    expect((await failureOf(processor.insert([record(2)]))).code).toBe('ABORTED');
    await processor.abort();
    expect(await target.checkpoint(processor.processId)).toMatchObject({ status: 'CANCELLED' });
    expect(await target.count()).toBe(0);
  });

  test.each(['abort()', 'its signal'])(
    'shutdown() after %s rejects: what was inserted is not in the table (G1)',
    async (by) => {
      const target = await makeTarget(COLUMNS);
      const controller = new AbortController();
      const processor = await target.open({ signal: controller.signal });
      await processor.insert([record(1)]);
      if (by === 'abort()') await processor.abort();
      else controller.abort();
      expect((await failureOf(processor.shutdown())).code).toBe('ABORTED');
      expect((await failureOf(processor.suspend('too late'))).code).toBe('ABORTED');
      expect(await target.checkpoint(processor.processId)).toMatchObject({ status: 'CANCELLED' });
      expect(await target.count()).toBe(0);
    },
  );

  test('an AbortSignal that has fired already: no task begins', async () => {
    const target = await makeTarget(COLUMNS);
    const failure = await failureOf(
      BulkProcessor.create(target.config({ signal: AbortSignal.abort() })),
    );
    expect(failure.code).toBe('ABORTED');
  });

  test('an AbortSignal that outlives many tasks is not listened to by those that ended', async () => {
    const target = await makeTarget(COLUMNS);
    const { signal } = new AbortController();
    const added: unknown[] = [];
    const spied = Object.assign(signal, {
      addEventListener: new Proxy(signal.addEventListener, {
        apply: (method, self, args) => {
          if (args[0] === 'abort') added.push(args[1]);
          return Reflect.apply(method, self, args);
        },
      }),
      removeEventListener: new Proxy(signal.removeEventListener, {
        apply: (method, self, args) => {
          added.splice(added.indexOf(args[1]), 1);
          return Reflect.apply(method, self, args);
        },
      }),
    });
    await target.load([record(1)], { signal: spied });
    expect(added).toEqual([]);
  });

  test('leaving a scope without shutdown() cancels the task', async () => {
    const target = await makeTarget(COLUMNS);
    let processId = '';
    const scope = async () => {
      await using processor = await target.open();
      processId = processor.processId;
      await processor.insert([record(1)]);
      throw new Error('of the caller');
    };
    await expect(scope()).rejects.toThrow('of the caller');
    expect(await target.checkpoint(processId)).toMatchObject({ status: 'CANCELLED' });
    expect(await target.count()).toBe(0);
  });
});

describe('events and progress', () => {
  const makeTarget = targetsOn(defaultServer());

  test('tell what happened, in order, and a listener that throws harms nothing', async () => {
    const target = await makeTarget(COLUMNS);
    const processor = await target.open({ batchSize: 2 });
    const told: string[] = [];
    processor.on('fileFrozen', ({ fileId, records, bytes, key }) => {
      expect(key).toContain(processor.processId);
      expect(bytes).toBeGreaterThan(10);
      told.push(`frozen ${fileId}: ${records}`);
      throw new Error('a careless listener');
    });
    processor.on('imported', ({ fileIds, counts, seconds }) => {
      expect(seconds).toBeGreaterThan(0);
      told.push(`imported ${fileIds}: ${counts.records}`);
    });
    const removed = () => told.push('a listener that was removed');
    processor.on('imported', removed).off('imported', removed);
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    await processor.insert([record(1), record(2)]);
    await processor.flush();
    await processor.insert([record(3)]);
    await processor.shutdown();
    expect(told).toEqual(['frozen 1: 2', 'imported 1: 2', 'frozen 2: 1', 'imported 2: 1']);
    expect((await warned).message).toMatch(/A listener of 'fileFrozen' threw.*a careless listener/);
    const { elapsedSeconds, encodedBytes, ...progress } = processor.progress();
    expect(elapsedSeconds).toBeGreaterThan(0);
    // Number of fields, ordinal, id and text, each but the first with its length.
    expect(encodedBytes).toBe(3 * (2 + 12 + 8 + 4 + 'value 1'.length));
    expect(progress).toEqual({
      received: 3,
      rejected: 0,
      imported: 3,
      filesCreated: 2,
      filesFrozen: 2,
      filesImported: 2,
      rows: { inserted: 3, updated: 0, skipped: 0, superseded: 0, rejected: 0 },
    });
  });
});
