// G1 for sources that give positions: wherever files are closed, a replay from the stored position loads each record once.

import { describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { RelytError } from '../../../src/errors.ts';
import {
  failureOf,
  generate,
  type LoadOptions,
  type TestTarget,
  targetsOn,
} from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

const record = (n: number) => ({ id: n, v: `value ${n}` });
const records = (from: number, count: number) => generate(count, (n) => record(from + n));

async function expectEachOnce(target: TestTarget, count: number): Promise<void> {
  expect(await target.rows('id, v')).toEqual([...records(0, count)]);
}

/** Records that wait in their midst until they are let go. */
function heldUp(from: number, count: number) {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let reached = () => {};
  const half = new Promise<void>((resolve) => {
    reached = resolve;
  });
  async function* source() {
    yield* records(from, count / 2);
    reached();
    await held;
    yield* records(from + count / 2, count / 2);
  }
  return { source: source(), half, release: () => release() };
}

function* broken(given: Iterable<unknown>): Generator<unknown> {
  yield* given;
  throw new Error('the source broke');
}

/** The task fails: what is not frozen is lost. */
async function ended(processor: BulkProcessor): Promise<void> {
  await expect(processor.insert(broken([]))).rejects.toThrow('the source broke');
  expect(await failureOf(processor.shutdown())).toMatchObject({ code: 'SOURCE_FAILED' });
}

/** The task fails when half of the records of one insert() are frozen. */
async function endedHalfway(
  processor: BulkProcessor,
  { from, count, position }: { from: number; count: number; position: unknown },
): Promise<void> {
  const { source, half } = heldUp(from, count);
  const inserted = failureOf(processor.insert(source, { position }));
  await half;
  await processor.flush();
  await ended(processor);
  await inserted;
}

function resumed(target: TestTarget, { processId }: BulkProcessor, options: LoadOptions = {}) {
  return BulkProcessor.resume(processId, target.config(options));
}

interface Place {
  readonly last: number;
  readonly position: unknown;
  readonly replayAfter: number | null;
}

async function place(target: TestTarget, { processId }: BulkProcessor): Promise<Place | undefined> {
  const [row] = await target.database.query<Place & object>(
    `select last_ordinal::int as last, source_position as position, replay_after::int as "replayAfter"
     from relyt_sys.relyt_loader_task where process_id = $1`,
    [processId],
  );
  return row;
}

/** As versions before migration 13 take a task over; undone. */
async function takenByOlder(target: TestTarget, { processId }: BulkProcessor): Promise<unknown> {
  const client = await target.database.pool.connect();
  try {
    await client.query('begin');
    return await client.query(
      `update relyt_sys.relyt_loader_task set epoch = epoch + 1, owner = 'older', heartbeat_at = now()
       where process_id = $1 returning epoch`,
      [processId],
    );
  } finally {
    await client.query('rollback');
    client.release();
  }
}

describe('positions of the source (G1)', () => {
  const makeTarget = targetsOn(defaultServer());

  test('a batch larger than a file fills several, and a resume passes over those', async () => {
    const target = await makeTarget('id int, v text');
    const options = { batchSize: 10 };
    await using first = await target.open(options);
    await first.insert(records(0, 25), { position: 'a' });
    await first.flush();
    const { source, half } = heldUp(25, 30);
    const inserted = failureOf(first.insert(source, { position: 'b' }));
    await half;
    await first.flush();
    await expectEachOnce(target, 40);
    await ended(first);
    expect(await inserted).toMatchObject({ code: 'SOURCE_FAILED' });

    await using second = await resumed(target, first, options);
    expect(second.position).toBe('a');
    expect(second.progress().received).toBe(25);
    expect(await place(target, second)).toEqual({ last: 40, position: 'a', replayAfter: 25 });
    await second.insert(records(25, 45), { position: 'c' });
    await second.shutdown();
    await expectEachOnce(target, 70);
    expect(await place(target, second)).toEqual({ last: 70, position: 'c', replayAfter: null });
  });

  test('before its first position a source is replayed from its beginning', async () => {
    const target = await makeTarget('id int, v text');
    await using first = await target.open({ batchSize: 10 });
    await endedHalfway(first, { from: 0, count: 50, position: 50 });
    await using second = await resumed(target, first);
    expect(second.position).toBeUndefined();
    expect(second.progress().received).toBe(0);
    await second.insert(records(0, 50), { position: 50 });
    await second.shutdown();
    await expectEachOnce(target, 50);
  });

  test('a replay may be divided otherwise, be interrupted again, and gives rejected records again', async () => {
    const target = await makeTarget('id int, v text');
    const options = { batchSize: 4, maxErrorRecords: 9 };
    const bad = (n: number) => (n % 7 === 3 ? { id: 'none', v: 'x' } : record(n));
    const some = (from: number, count: number) => generate(count, (n) => bad(from + n));
    await using first = await target.open(options);
    await first.insert(some(0, 6), { position: 6 });
    await first.insert(some(6, 3));
    first.reject(new RelytError('INPUT_MALFORMED', 'no record'), 'x');
    await first.insert(some(10, 20), { position: 30 });
    // Not ended by a position: these, too, come after it.
    await first.insert(some(30, 8));
    await first.flush();
    await ended(first);

    await using second = await resumed(target, first, options);
    expect(await place(target, second)).toEqual({ last: 38, position: 30, replayAfter: 30 });
    await second.insert(some(30, 5), { position: 35 });
    await endedHalfway(second, { from: 35, count: 20, position: 55 });

    await using third = await resumed(target, first, options);
    expect(await place(target, third)).toEqual({ last: 45, position: 35, replayAfter: 35 });
    await third.insert(records(35, 3), { position: 38 });
    await third.insert(records(38, 22), { position: 60 });
    await third.shutdown();
    const given = [...some(0, 38), ...records(38, 22)].filter((_, n) => n !== 9);
    expect(await target.rows('id, v')).toEqual(given.filter(({ id }) => id !== 'none'));
    const rejects = await target.database.query<{ n: number }>(
      `select record_ordinal::int as n from relyt_sys.relyt_loader_reject where process_id = $1 order by 1`,
      [first.processId],
    );
    expect(rejects.map(({ n }) => n)).toEqual([4, 10, 11, 18, 25, 32]);
    expect(third.progress()).toMatchObject({ received: 60, rejected: 6 });
  });

  test('a source that throws while it is replayed is what the end of the task tells (G8)', async () => {
    const target = await makeTarget('id int, v text');
    await using first = await target.open({ batchSize: 10 });
    await endedHalfway(first, { from: 0, count: 50, position: 50 });
    await using second = await resumed(target, first);
    const broke = second.insert(broken(records(0, 10)), { position: 10 });
    await expect(broke).rejects.toThrow('the source broke');
    expect(await failureOf(second.shutdown())).toMatchObject({ code: 'SOURCE_FAILED' });
  });

  test('a replay that ends too early fails the task (G8), and one that is only ended does not', async () => {
    const target = await makeTarget('id int, v text');
    await using first = await target.open({ batchSize: 10 });
    await endedHalfway(first, { from: 0, count: 50, position: 50 });
    await using second = await resumed(target, first);
    await second.insert(records(100, 10), { position: 'elsewhere' });
    expect(await failureOf(second.shutdown())).toMatchObject({
      code: 'REPLAY_INCOMPLETE',
      message: expect.stringContaining('ended after 10 records, 15 records before'),
      hint: expect.stringContaining(`relyt resume ${first.processId} --finish`),
    });
    await using third = await resumed(target, first);
    await third.shutdown();
    await expectEachOnce(target, 25);
  });

  test('the age of a file and a flush() close it in the midst of a batch, too', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open({ fileWriteTimeoutSeconds: 0.05 });
    await processor.insert(records(0, 3), { position: 3 });
    const { source, half, release } = heldUp(3, 20);
    const inserted = processor.insert(source, { position: 23 });
    await half;
    await expect
      .poll(() => place(target, processor))
      .toEqual({ last: 13, position: 3, replayAfter: 3 });
    await processor.flush();
    await expectEachOnce(target, 13);
    release();
    await inserted;
    // No record follows the position.
    await expect
      .poll(() => place(target, processor))
      .toEqual({ last: 23, position: 23, replayAfter: null });
    await processor.shutdown();
    await expectEachOnce(target, 23);
  });

  test('a loader that does not know of it cannot take over what would be doubled', async () => {
    const target = await makeTarget('id int, v text');
    await using first = await target.open({ batchSize: 10 });
    await first.insert(records(0, 10), { position: 10 });
    await first.flush();
    expect(await takenByOlder(target, first)).toMatchObject({ rowCount: 1 });
    const { source, half } = heldUp(10, 30);
    const inserted = failureOf(first.insert(source, { position: 40 }));
    await half;
    await first.flush();
    const refused = { code: '23514', constraint: 'relyt_loader_task_needs_newer_version' };
    await expect(takenByOlder(target, first)).rejects.toMatchObject(refused);
    await ended(first);
    await inserted;
    await using second = await resumed(target, first);
    await expect(takenByOlder(target, second)).rejects.toMatchObject(refused);
    await second.insert(records(10, 30), { position: 40 });
    await second.shutdown();
    await expectEachOnce(target, 40);
  });

  test('records without a position are frozen whenever a file is full', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open({ batchSize: 10 });
    const { source, half, release } = heldUp(0, 50);
    const inserted = processor.insert(source);
    await half;
    await expect.poll(() => processor.progress().filesImported).toBeGreaterThanOrEqual(2);
    release();
    await inserted;
    await processor.shutdown();
    await expectEachOnce(target, 50);
  });
});
