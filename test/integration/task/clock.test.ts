// Staged files lie in the folder of their day: a task that crosses midnight, or whose clock is set, has several (G1, G7).

import { afterEach, describe, expect, test, vi } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { listKeys } from '../../support/bucket.ts';
import { generate, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

const record = (n: number) => ({ id: n, v: `value ${n}` });
const records = (from: number, count: number) => generate(count, (n) => record(from + n));
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * The key is made when a file's first record is written, which insert() does before it first waits. Only that
 * moment is moved: requests are signed with the clock, and S3 refuses those that are off by a quarter of an hour.
 */
function insertAt(processor: BulkProcessor, time: number, given: Iterable<unknown>): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: time });
  try {
    return processor.insert(given);
  } finally {
    vi.useRealTimers();
  }
}

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);
/** A minute before the next midnight UTC, and a minute after it. */
const midnight = () => (Math.floor(Date.now() / DAY_MS) + 1) * DAY_MS;

async function daysOfFiles(target: TestTarget, processId: string): Promise<string[]> {
  const files = await target.files(processId);
  return files.map(({ s3_key: key }) => key.split('/').at(-3) ?? '');
}

async function expectEachOnce(target: TestTarget, processId: string, count: number): Promise<void> {
  expect(await target.rows('id, v', 'id')).toEqual([...records(0, count)]);
  const files = await target.files(processId);
  expect(new Set(files.map((file) => file.status))).toEqual(new Set(['IMPORTED']));
  expect(await target.checkpoint(processId)).toMatchObject({ status: 'COMPLETED' });
  const left = await listKeys(target.prefix);
  expect(left.filter((key) => key.includes(processId))).toEqual([]);
}

describe('the clock', () => {
  const makeTarget = targetsOn(defaultServer());
  afterEach(() => {
    vi.useRealTimers();
  });

  test('G1, G7: one task has files of two days, and leaves none of either', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open();
    const [before, after] = [midnight() - MINUTE_MS, midnight() + MINUTE_MS];
    await insertAt(processor, before, records(0, 10));
    await processor.flush();
    await insertAt(processor, after, records(10, 10));
    await processor.shutdown();
    expect(await daysOfFiles(target, processor.processId)).toEqual([dayOf(before), dayOf(after)]);
    await expectEachOnce(target, processor.processId, 20);
  });

  test('G1: a file that is open at midnight keeps the folder it was recorded with', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open();
    const before = midnight() - MINUTE_MS;
    await insertAt(processor, before, records(0, 10));
    await insertAt(processor, midnight() + MINUTE_MS, records(10, 10));
    await processor.shutdown();
    expect(await daysOfFiles(target, processor.processId)).toEqual([dayOf(before)]);
    await expectEachOnce(target, processor.processId, 20);
  });

  test('G1, G3: the clock set back an hour, over midnight, in mid-task: the last record still wins', async () => {
    const target = await makeTarget('id int primary key, v text');
    await using processor = await target.open();
    const later = midnight() + 30 * MINUTE_MS;
    const older = generate(20, (n) => ({ id: n, v: 'older' }));
    await insertAt(processor, later, older);
    await processor.flush();
    await insertAt(processor, later - 60 * MINUTE_MS, records(0, 20));
    await processor.shutdown();
    const days = await daysOfFiles(target, processor.processId);
    expect(days).toEqual([dayOf(later), dayOf(later - 60 * MINUTE_MS)]);
    await expectEachOnce(target, processor.processId, 20);
  });

  test('G1: the clock set back by minutes for good, requests and waits included', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open({ batchSize: 10 });
    await processor.insert(records(0, 25));
    await processor.flush();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 10 * MINUTE_MS });
    await processor.insert(records(25, 25));
    await processor.flush();
    expect(processor.progress().elapsedSeconds).toBeGreaterThanOrEqual(0);
    await processor.shutdown();
    await expectEachOnce(target, processor.processId, 50);
  });

  test('G1, G7: failed before and after midnight, resumed later: both folders are found and emptied', async () => {
    const target = await makeTarget('id int, v text');
    const options = { batchSize: 10 };
    await using processor = await target.open(options);
    const { processId } = processor;
    const [before, after] = [midnight() - MINUTE_MS, midnight() + MINUTE_MS];
    // Every import fails, so that the files of both days stay behind.
    await target.database.query(`alter table ${target.sql} rename v to away`);
    const lock = await target.lock();
    const first = insertAt(processor, before, records(0, 10));
    await first;
    await insertAt(processor, after, records(10, 10));
    const ended = expect(processor.shutdown()).rejects.toMatchObject({ code: 'TABLE_CHANGED' });
    await vi.waitFor(
      async () => {
        const files = await target.files(processId);
        expect(files.map(({ status }) => status)).toEqual([
          expect.stringMatching(/FROZEN|IMPORTING/),
          expect.stringMatching(/FROZEN|IMPORTING/),
        ]);
      },
      { timeout: 60_000 },
    );
    await lock.release();
    await ended;
    expect(await daysOfFiles(target, processId)).toEqual([dayOf(before), dayOf(after)]);
    expect(await listKeys(target.prefix)).toHaveLength(2);
    await target.database.query(`alter table ${target.sql} rename away to v`);

    await using resumed = await BulkProcessor.resume(processId, target.config(options));
    await insertAt(resumed, after + 2 * DAY_MS, records(20, 10));
    await resumed.shutdown();
    expect(await daysOfFiles(target, processId)).toEqual(
      [before, after, after + 2 * DAY_MS].map(dayOf),
    );
    await expectEachOnce(target, processId, 30);
  });

  test('suspended before midnight and resumed after it, the task goes on', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open();
    const { processId } = processor;
    await insertAt(processor, midnight() - MINUTE_MS, records(0, 10));
    await processor.suspend('closing time');
    await using resumed = await BulkProcessor.resume(processId, target.config());
    await insertAt(resumed, midnight() + MINUTE_MS, records(10, 10));
    await resumed.shutdown();
    expect(new Set(await daysOfFiles(target, processId)).size).toBe(2);
    await expectEachOnce(target, processId, 20);
  });
});
