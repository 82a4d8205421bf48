// What becomes of a load whose source hangs or throws (G1, G8), whatever kind of source it is.

import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, test, vi } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { failureOf, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

const record = (n: number) => ({ id: n, v: `value ${n}` });
const COLUMNS = 'id int, v text';
const never = new Promise<never>(() => {});

describe('a source that throws fails the task (G1)', () => {
  const makeTarget = targetsOn(defaultServer());
  const broken = () => {
    throw new Error('the source broke');
  };

  const KINDS = {
    'an iterable': function* () {
      yield record(1);
      broken();
    },
    'an async iterable': async function* () {
      yield record(1);
      broken();
    },
    'a Readable': () => Readable.from(KINDS['an async iterable']()),
    'one that throws before its first record': function* () {
      yield broken();
    },
  };

  test.each(
    Object.keys(KINDS).flatMap((kind) => [
      { kind, options: {} },
      { kind, options: { position: 'here' } },
    ]),
  )('$kind, given with $options', async ({ kind, options }) => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open();
    const records = KINDS[kind as keyof typeof KINDS]();
    await expect(processor.insert(records, options)).rejects.toThrow('the source broke');
    expect(await failureOf(processor.shutdown())).toMatchObject({
      code: 'SOURCE_FAILED',
      cause: { message: 'the source broke' },
    });
    expect(await target.checkpoint(processor.processId)).toMatchObject({ status: 'FAILED' });
  });

  test('and a resume goes on after the records it has', async () => {
    const target = await makeTarget(COLUMNS);
    await using first = await target.open({ batchSize: 2 });
    const source = function* (from: number, to: number, ends: () => void) {
      for (let n = from; n <= to; n++) yield record(n);
      ends();
    };
    await expect(first.insert(source(1, 5, broken))).rejects.toThrow('the source broke');
    await failureOf(first.shutdown());
    await using second = await BulkProcessor.resume(first.processId, target.config());
    const { received } = second.progress();
    await second.insert(source(received + 1, 7, () => undefined));
    await second.shutdown();
    expect(await target.rows()).toEqual([1, 2, 3, 4, 5, 6, 7].map(record));
  });
});

describe('an insert() that waits for its source ends at once (G8)', () => {
  const makeTarget = targetsOn(defaultServer());

  /** Gives one record, and then nothing. */
  const KINDS: Record<string, (closed: () => void) => AsyncIterable<unknown>> = {
    'an async iterator': (closed) => {
      let given = false;
      const next = async () => {
        if (given) await never;
        given = true;
        return { done: false as const, value: record(1) };
      };
      const end = async () => {
        closed();
        return { done: true as const, value: undefined };
      };
      return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
    },
    'a Readable': (closed) => {
      const stream = new PassThrough({ objectMode: true });
      stream.write(record(1));
      stream.once('close', closed);
      return stream;
    },
    'a web stream': (closed) =>
      new ReadableStream({
        start: (controller) => controller.enqueue(record(1)),
        cancel: closed,
      }),
  };

  test.each(
    Object.keys(KINDS).flatMap((kind) => [
      { kind, by: 'abort()' },
      { kind, by: 'its signal' },
      { kind, by: 'its signal, with a position' },
    ]),
  )('$kind, by $by', async ({ kind, by }) => {
    const target = await makeTarget(COLUMNS);
    const controller = new AbortController();
    const processor = await target.open({ signal: controller.signal });
    const closed = vi.fn();
    const source = KINDS[kind]?.(closed) ?? [];
    const options = by.endsWith('position') ? { position: 1 } : {};
    const inserted = failureOf(processor.insert(source, options));
    await expect.poll(() => processor.progress().received).toBe(1);
    const reason = new Error('the user left');
    if (by === 'abort()') await processor.abort();
    else controller.abort(reason);
    const failure = await inserted;
    expect(failure.code).toBe('ABORTED');
    expect(failure.cause).toBe(by === 'abort()' ? undefined : reason);
    await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce(), { timeout: 5_000 });
    await processor.abort();
    expect(await target.checkpoint(processor.processId)).toMatchObject({ status: 'CANCELLED' });
    expect(await target.count()).toBe(0);
  });

  test('a generator that hangs is left by insert(), and closes when it goes on', async () => {
    const target = await makeTarget(COLUMNS);
    const processor = await target.open();
    const closed = vi.fn();
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const source = async function* () {
      try {
        yield record(1);
        await held;
        yield record(2);
        throw new Error('it was read on');
      } finally {
        closed();
      }
    };
    const inserted = failureOf(processor.insert(source()));
    await expect.poll(() => processor.progress().received).toBe(1);
    await processor.abort();
    expect((await inserted).code).toBe('ABORTED');
    expect(closed).not.toHaveBeenCalled();
    goOn();
    await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce(), { timeout: 60_000 });
  });

  test('a pipeline into writable() ends, and its source with it', async () => {
    const target = await makeTarget(COLUMNS);
    const controller = new AbortController();
    const processor = await target.open({ signal: controller.signal });
    const source = new PassThrough({ objectMode: true });
    source.write(record(1));
    const piped = failureOf(pipeline(source, processor.writable()));
    await expect.poll(() => processor.progress().received).toBe(1);
    controller.abort(new Error('the user left'));
    expect(await piped).toMatchObject({ code: 'ABORTED', cause: { message: 'the user left' } });
    expect(source.destroyed).toBe(true);
    await processor.abort();
  });

  test('a writable() that nobody listens to ends no process', async () => {
    const target = await makeTarget(COLUMNS);
    const processor = await target.open();
    const stream = processor.writable();
    await processor.abort();
    expect(stream.destroyed).toBe(true);
  });

  test('an insert() that waits for imports ends, and closes its source', async () => {
    const target = await makeTarget(COLUMNS);
    const lock = await target.lock();
    const processor = await target.open({ batchSize: 1, batchImportSize: 1 });
    const closed = vi.fn();
    const endless = function* () {
      try {
        for (let n = 1; ; n++) yield record(n);
      } finally {
        closed();
      }
    };
    const inserted = failureOf(processor.insert(endless()));
    await target.untilImportWaits();
    await processor.abort();
    expect((await inserted).code).toBe('ABORTED');
    expect(closed).toHaveBeenCalledOnce();
    await lock.release();
  });
});
