// G1, G8: the signal of one insert() ends that call and nothing else. What it took is loaded once, the rest can follow.

import { describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { deferred } from '../../support/deferred.ts';
import { failureOf, generate, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

const makeTarget = targetsOn(defaultServer());
const COLUMNS = 'id int, v text';
const record = (n: number) => ({ id: n, v: `value ${n}` });
const records = (from: number, count: number) => generate(count, (n) => record(from + n));

/** Gives so many records and then hangs, until it is closed. */
function hanging(count: number) {
  const hangs = deferred();
  const closed = deferred();
  const open = deferred();
  async function* source() {
    try {
      yield* records(0, count);
      hangs.resolve();
      await open.promise;
    } finally {
      closed.resolve();
    }
  }
  return { source: source(), hangs: hangs.promise, closed: closed.promise, release: open.resolve };
}

describe('a call of insert() that its signal ends', () => {
  test('says what it took, closes its source, and the rest can be inserted (G1)', async () => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open();
    const { source, hangs, closed, release } = hanging(3);
    const stop = new AbortController();
    const inserting = failureOf(processor.insert(source, { signal: stop.signal }));
    await hangs;
    stop.abort(new Error('the client has gone'));
    expect(await inserting).toMatchObject({
      code: 'INSERT_ABORTED',
      details: { records: 3 },
      cause: { message: 'the client has gone' },
      hint: expect.stringContaining('Insert the rest'),
    });
    release();
    await closed;
    await processor.insert(records(3, 4));
    await processor.shutdown();
    expect(await target.rows('id, v')).toEqual([...records(0, 7)]);
  });

  test('does not count as having reached its position: a resume replays it (G1)', async () => {
    const target = await makeTarget(COLUMNS);
    await using first = await target.open({ batchSize: 2 });
    await first.insert(records(0, 2), { position: 2 });
    const { source, hangs, release } = hanging(0);
    const stop = new AbortController();
    async function* next() {
      yield* records(2, 3);
      yield* source;
    }
    const inserting = failureOf(first.insert(next(), { position: 5, signal: stop.signal }));
    await hangs;
    stop.abort();
    release();
    expect(await inserting).toMatchObject({ code: 'INSERT_ABORTED', details: { records: 3 } });
    await first.suspend('for this test');
    await using second = await BulkProcessor.resume<object, number>(
      first.processId,
      target.config({ batchSize: 2 }),
    );
    expect(second.position).toBe(2);
    await second.insert(records(2, 4), { position: 6 });
    await second.shutdown();
    expect(await target.rows('id, v')).toEqual([...records(0, 6)]);
  });

  test('takes nothing when the signal had fired before', async () => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open();
    const failure = await failureOf(
      processor.insert(records(0, 1), { signal: AbortSignal.abort() }),
    );
    expect(failure).toMatchObject({ code: 'INSERT_ABORTED', details: { records: 0 } });
    await processor.insert(records(0, 1), { signal: new AbortController().signal });
    await processor.shutdown();
    expect(await target.rows('id, v')).toEqual([record(0)]);
  });

  test('ends with the task when the task fails first (G8)', async () => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open();
    const { source, hangs, release } = hanging(1);
    const { signal } = new AbortController();
    const inserting = failureOf(processor.insert(source, { signal }));
    await hangs;
    await processor.abort();
    release();
    expect(await inserting).toMatchObject({ code: 'ABORTED' });
  });
});
