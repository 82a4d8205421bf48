import { setImmediate as yieldToEvents } from 'node:timers/promises';
import { RelytError } from '../errors.ts';
import { kindOf } from '../records/codecs/refusal.ts';

/** Records handled between two looks at the event loop, so that uploads and time-outs go on during a long array. */
const RECORDS_PER_TURN = 512;

/**
 * Records as `insert()` takes them. One record is none, nor is a text, whose characters could be iterated over.
 * @throws RelytError RECORD_INVALID
 */
export function checkRecords(records: unknown): void {
  const isObject = typeof records === 'object' && records !== null;
  if (isObject && (Symbol.asyncIterator in records || Symbol.iterator in records)) return;
  const got = kindOf(records);
  throw new RelytError(
    'RECORD_INVALID',
    `insert() takes an array, an iterable or an async iterable of records, and got ${got}.`,
    {
      details: { expected: 'iterable', got },
      hint: 'Wrap a single record: insert([record]).',
    },
  );
}

/**
 * Hands every record to `take`, one after the other. What `take` returns is waited for before the next one:
 * nothing, mostly, because a promise for each record would cost as much as encoding it.
 */
export async function eachRecord(
  records: Iterable<unknown> | AsyncIterable<unknown>,
  take: (record: unknown) => Promise<void> | undefined,
): Promise<void> {
  let taken = 0;
  const takeNext = (record: unknown): Promise<void> | undefined => {
    const pause = take(record);
    if (pause !== undefined) return pause;
    // A generator that never waits, asynchronous or not, would otherwise keep uploads and time-outs from running.
    return ++taken % RECORDS_PER_TURN === 0 ? yieldToEvents() : undefined;
  };
  if (Symbol.asyncIterator in records) {
    for await (const record of records) {
      const pause = takeNext(record);
      if (pause !== undefined) await pause;
    }
  } else {
    for (const record of records) {
      const pause = takeNext(record);
      if (pause !== undefined) await pause;
    }
  }
}
