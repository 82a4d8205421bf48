// G5, G8: a source is read one record at a time, is closed when its records are no longer wanted, and a signal ends
// the wait for it at once, even if it never gives anything.

import { Readable } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { eachRecord, type RecordTaker } from '../../../src/task/each-record.ts';
import type { Records } from '../../../src/task/record-cursor.ts';

const never = new Promise<never>(() => {});

interface Watched {
  readonly taken: unknown[];
  readonly failures: unknown[];
  readonly stop: AbortController;
  readonly taker: RecordTaker;
}

function watched(take: (record: unknown) => Promise<void> | undefined = () => undefined): Watched {
  const taken: unknown[] = [];
  const failures: unknown[] = [];
  const stop = new AbortController();
  return {
    taken,
    failures,
    stop,
    taker: {
      signal: stop.signal,
      sourceFailed: (error) => failures.push(error),
      take: (record) => {
        taken.push(record);
        return take(record);
      },
    },
  };
}

/** Gives 1 and 2, and says in `closed` that it was left. */
function closable(then: () => unknown = () => undefined) {
  const closed = vi.fn();
  const generator = function* () {
    try {
      yield 1;
      yield 2;
      then();
    } finally {
      closed();
    }
  };
  const asyncGenerator = async function* () {
    try {
      yield 1;
      yield 2;
      await then();
    } finally {
      closed();
    }
  };
  return { closed, generator, asyncGenerator };
}

const throwing = (error: Error) => (): never => {
  throw error;
};

const webStream = (
  pull: (controller: ReadableStreamDefaultController<unknown>) => void | Promise<void>,
  cancel: () => void = () => undefined,
) =>
  new ReadableStream<unknown>(
    {
      start: (controller) => {
        for (const n of [1, 2]) controller.enqueue(n);
      },
      pull,
      cancel,
    },
    { highWaterMark: 0 },
  );

describe('every kind of source', () => {
  test.each<[string, () => Records]>([
    ['an array', () => [1, 2]],
    ['a generator', () => closable().generator()],
    ['an async generator', () => closable().asyncGenerator()],
    ['a Readable', () => Readable.from([1, 2])],
    ['a web stream', () => webStream((controller) => controller.close())],
  ])('%s is read to its end', async (_, records) => {
    const { taken, taker, failures } = watched();
    await eachRecord(records(), taker);
    expect(taken).toEqual([1, 2]);
    expect(failures).toEqual([]);
  });

  test.each<[string, (error: Error) => Records]>([
    ['a generator', (error) => closable(throwing(error)).generator()],
    ['an async generator', (error) => closable(throwing(error)).asyncGenerator()],
    ['a Readable', (error) => Readable.from(closable(throwing(error)).asyncGenerator())],
    ['a web stream', (error) => webStream((controller) => controller.error(error))],
    ['an iterable that cannot be opened', (error) => ({ [Symbol.iterator]: throwing(error) })],
    ['an async one', (error) => ({ [Symbol.asyncIterator]: throwing(error) })],
  ])('%s that throws is told as the one that failed', async (_, records) => {
    const { taker, failures } = watched();
    const error = new Error('the source broke');
    await expect(eachRecord(records(error), taker)).rejects.toBe(error);
    expect(failures).toEqual([error]);
  });

  test.each<[string, (closed: () => void) => Records]>([
    [
      'a generator',
      (closed) =>
        (function* () {
          try {
            yield 1;
            yield 2;
          } finally {
            closed();
          }
        })(),
    ],
    [
      'an async generator',
      (closed) =>
        (async function* () {
          try {
            yield 1;
            yield 2;
          } finally {
            closed();
          }
        })(),
    ],
    [
      'a Readable',
      (closed) =>
        new Readable({
          objectMode: true,
          read() {
            this.push(1);
          },
          destroy(error, done) {
            closed();
            done(error);
          },
        }),
    ],
    ['a web stream', (closed) => webStream(() => never, closed)],
  ])('%s is closed when a record is refused', async (_, records) => {
    const refusal = new Error('refused');
    const { taker, failures } = watched(() => {
      throw refusal;
    });
    const closed = vi.fn();
    await expect(eachRecord(records(closed), taker)).rejects.toBe(refusal);
    expect(closed).toHaveBeenCalledOnce();
    expect(failures).toEqual([]);
  });
});

describe('a signal', () => {
  const reason = new Error('the task was aborted');

  test.each<[string, (waiting: () => void, closed: () => void) => Records, boolean]>([
    [
      'an async generator',
      (waiting, closed) =>
        (async function* () {
          try {
            yield 1;
            waiting();
            await never;
          } finally {
            closed();
          }
        })(),
      false,
    ],
    [
      'an async iterator with return()',
      (waiting, closed) => ({
        [Symbol.asyncIterator]: () => ({
          next: () => {
            waiting();
            return never;
          },
          return: async () => {
            closed();
            return { done: true as const, value: undefined };
          },
        }),
      }),
      true,
    ],
    [
      'a Readable',
      (waiting, closed) =>
        new Readable({
          objectMode: true,
          read: waiting,
          destroy(error, done) {
            closed();
            done(error);
          },
        }),
      true,
    ],
    [
      'a web stream',
      (waiting, closed) =>
        new ReadableStream(
          {
            pull: () => {
              waiting();
              return never;
            },
            cancel: closed,
          },
          { highWaterMark: 0 },
        ),
      true,
    ],
  ])('ends the wait for %s that gives nothing', async (_, records, closes) => {
    const { stop, taker, failures } = watched();
    const closed = vi.fn();
    let waits = () => {};
    const waiting = new Promise<void>((resolve) => {
      waits = resolve;
    });
    const rejected = expect(eachRecord(records(waits, closed), taker)).rejects.toBe(reason);
    await waiting;
    stop.abort(reason);
    await rejected;
    // A generator that hangs can only be asked: it is left when it yields.
    if (closes) await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce());
    expect(failures).toEqual([]);
  });

  test.each(['generator', 'asyncGenerator'] as const)(
    'ends the wait of the taker and closes the %s',
    async (kind) => {
      const source = closable();
      const { stop, taker } = watched(() => never);
      const rejected = expect(eachRecord(source[kind](), taker)).rejects.toBe(reason);
      setImmediate(() => stop.abort(reason));
      await rejected;
      await vi.waitFor(() => expect(source.closed).toHaveBeenCalledOnce());
    },
  );

  test('a source that fails because of it is not what failed', async () => {
    const { stop, taker, failures } = watched();
    const source = async function* () {
      yield 1;
      await new Promise((_, reject) =>
        stop.signal.addEventListener('abort', () => reject(new Error('fetch failed'))),
      );
    };
    const rejected = expect(eachRecord(source(), taker)).rejects.toBe(reason);
    setImmediate(() => stop.abort(reason));
    await rejected;
    expect(failures).toEqual([]);
  });

  test('keeps nothing of a long source', async () => {
    const { stop, taker } = watched();
    const added = vi.spyOn(stop.signal, 'addEventListener');
    const removed = vi.spyOn(stop.signal, 'removeEventListener');
    await eachRecord(Readable.from(Array.from({ length: 2000 }, (_, n) => n)), taker);
    expect(added.mock.calls.length).toBe(1);
    expect(removed.mock.calls.length).toBe(1);
  });
});
