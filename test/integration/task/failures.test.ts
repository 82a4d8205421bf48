// What a caller gets to know of a failure, whenever it asks, and what is left of the task.

import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { describe, expect, test, vi } from 'vitest';
import { failureOf, generate, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

const record = (n: number) => ({ id: n, v: `value ${n}` });
const COLUMNS = 'id int primary key, v text';

describe('a task that failed', () => {
  const makeTarget = targetsOn(defaultServer());
  /** Fails in its import. */
  const unlucky = 'id int check (id <> 3), v text';

  test('rejects every later call with what failed, and is marked FAILED', async () => {
    const target = await makeTarget(unlucky);
    await using processor = await target.open();
    const failed: unknown[] = [];
    processor.on('failed', (error) => failed.push(error));
    await processor.insert(generate(5, record));
    const failure = await failureOf(processor.flush());
    expect(failure.code).toBe('IMPORT_REFUSED');
    for (const call of [processor.insert([record(1)]), processor.flush(), processor.shutdown()]) {
      expect(await failureOf(call)).toMatchObject({ code: failure.code, message: failure.message });
    }
    expect(failed).toHaveLength(1);
    expect(await target.checkpoint(processor.processId)).toMatchObject({
      status: 'FAILED',
      error_message: failure.message,
      files_imported: 0,
      file_details: [{ status: 'ERROR', error_reason: failure.message }],
    });
  });

  test('wakes up an insert() that waits for it', async () => {
    const target = await makeTarget(unlucky);
    await using processor = await target.open({ batchSize: 2, batchImportSize: 1 });
    const lock = await target.lock();
    const inserted = failureOf(processor.insert(generate(1000, record)));
    await target.untilImportWaits();
    await lock.release();
    expect((await inserted).code).toBe('IMPORT_REFUSED');
  });

  test('is not made COMPLETED, nor CANCELLED, by what comes after', async () => {
    const target = await makeTarget(unlucky);
    const processor = await target.open();
    await processor.insert(generate(5, record));
    await failureOf(processor.flush());
    await processor.abort();
    for (const call of [processor.shutdown(), processor.suspend(''), processor.insert([])]) {
      expect((await failureOf(call)).code).toBe('IMPORT_REFUSED');
    }
    expect(await target.checkpoint(processor.processId)).toMatchObject({ status: 'FAILED' });
  });

  test('is FAILED, and has closed its connections, without another call', async () => {
    const target = await makeTarget(unlucky);
    const processor = await target.open();
    const { processId } = processor;
    await processor.insert(generate(5, record));
    await failureOf(processor.flush());
    const sessions = `select 1 from pg_stat_activity where application_name like '%${processId}%'`;
    await vi.waitFor(async () => {
      expect(await target.checkpoint(processId)).toMatchObject({ status: 'FAILED' });
      expect(await target.database.query(sessions)).toEqual([]);
    }, 5000);
  });

  test('before its first good record: the event, and FAILED', async () => {
    const target = await makeTarget(COLUMNS);
    const processor = await target.open();
    const failed: unknown[] = [];
    processor.on('failed', (error) => failed.push(error.code));
    const failure = await failureOf(processor.insert([{ id: 'x', v: '' }]));
    expect(failure.code).toBe('RECORD_INVALID');
    expect(failed).toEqual(['RECORD_INVALID']);
    expect((await failureOf(processor.shutdown())).message).toBe(failure.message);
    expect(await target.checkpoint(processor.processId)).toMatchObject({ status: 'FAILED' });
  });
});

describe('what is no source of records', () => {
  const makeTarget = targetsOn(defaultServer());

  test.each([
    ['a single record', { id: 1, v: 'x' }],
    ['a text', 'abc'],
    ['a number', 5],
    ['nothing', undefined],
    ['null', null],
  ])('%s is refused with a hint, and the task goes on (G8)', async (_, records) => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open();
    const failure = await failureOf(processor.insert(records as never));
    expect(failure).toMatchObject({
      code: 'RECORD_INVALID',
      hint: expect.stringContaining('insert([record])'),
    });
    await processor.insert([record(1)], { position: 1 });
    const later = await failureOf(processor.insert(records as never, { position: 2 }));
    expect(later.code).toBe('RECORD_INVALID');
    await processor.insert([record(2)], { position: 2 });
    await processor.shutdown();
    expect(await target.rows()).toEqual([record(1), record(2)]);
  });
});

describe('a stream whose source fails', () => {
  const makeTarget = targetsOn(defaultServer());

  test('rejects with that failure and makes the task fail: it is never COMPLETED with a part of the records (G1)', async () => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open();
    async function* source() {
      yield record(1);
      yield record(2);
      throw new Error('the source broke');
    }
    await expect(pipeline(source, processor.writable())).rejects.toThrow('the source broke');
    const failure = await failureOf(processor.shutdown());
    expect(failure).toMatchObject({
      code: 'SOURCE_FAILED',
      message: expect.stringContaining('the source broke'),
    });
    expect(await target.checkpoint(processor.processId)).toMatchObject({ status: 'FAILED' });
  });

  test('one that is destroyed before its end is such a stream', async () => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open();
    const stream = processor.writable();
    stream.write(record(1));
    stream.destroy();
    await once(stream, 'close');
    expect((await failureOf(processor.shutdown())).code).toBe('SOURCE_FAILED');
  });

  test('one that ended, or failed by the task itself, is not', async () => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open();
    await pipeline([record(1)], processor.writable());
    await pipeline([record(2)], processor.writable());
    const broken = failureOf(pipeline([{ id: 'x' }], processor.writable()));
    expect((await broken).code).toBe('RECORD_INVALID');
    expect((await failureOf(processor.shutdown())).code).toBe('RECORD_INVALID');
    expect(await target.rows()).toEqual([record(1), record(2)]);
  });
});
