import { setImmediate as yieldToEvents } from 'node:timers/promises';
import { Interruption } from './interruption.ts';
import {
  type AsyncCursor,
  type RecordCursor,
  type Records,
  recordCursor,
  type SyncCursor,
} from './record-cursor.ts';

/** Records handled between two looks at the event loop, so that uploads and timeouts go on during a long array. */
const RECORDS_PER_TURN = 512;

/** Who takes records, one after the other. */
export interface RecordTaker {
  /**
   * What it returns is waited for before the next record: nothing, mostly, because a promise for each record would
   * cost as much as encoding it.
   */
  take(record: unknown): Promise<void> | undefined;
  /** The source threw instead of giving its next record. */
  sourceFailed(error: unknown): void;
  /** Ends every wait at once, with its reason. */
  readonly signal: AbortSignal;
}

/**
 * Hands every record to the taker. When that ends early the source is closed; one that is busy is not waited for,
 * because it may never come to an end.
 * @throws what the source or the taker threw; the reason of the signal
 */
export async function eachRecord(records: Records, taker: RecordTaker): Promise<void> {
  using interruption = new Interruption(taker.signal);
  const cursor = fromSource(taker, () => recordCursor(records));
  try {
    await takeAll(cursor, taker, interruption);
  } catch (error) {
    const closed = cursor.close().catch(() => undefined);
    if (!taker.signal.aborted) await interruption.wait(closed).catch(() => undefined);
    throw error;
  }
}

async function takeAll(
  cursor: RecordCursor,
  taker: RecordTaker,
  interruption: Interruption,
): Promise<void> {
  if (cursor.isAsync) return takeAsync(cursor, taker, interruption);
  for (;;) {
    const pause = takeTurn(cursor, taker);
    if (pause === undefined) return;
    await interruption.wait(pause);
  }
}

/**
 * The inner loop of every load, so it is not asynchronous. Returns what to wait for before the next turn; undefined
 * when the source has ended.
 */
function takeTurn(cursor: SyncCursor, taker: RecordTaker): Promise<void> | undefined {
  for (let taken = 0; taken < RECORDS_PER_TURN; taken++) {
    const { done, value } = fromSource(taker, cursor.next);
    if (done) return undefined;
    const pause = taker.take(value);
    if (pause !== undefined) return pause;
  }
  return yieldToEvents();
}

async function takeAsync(
  cursor: AsyncCursor,
  taker: RecordTaker,
  interruption: Interruption,
): Promise<void> {
  for (let taken = 1; ; taken++) {
    const next = fromSource(taker, cursor.next);
    const { done, value } = await interruption.wait(answered(taker, next));
    if (done) return;
    const pause = taker.take(value);
    if (pause !== undefined) await interruption.wait(pause);
    // One that never waits would otherwise keep uploads and time-outs from running.
    else if (taken % RECORDS_PER_TURN === 0) await yieldToEvents();
  }
}

function fromSource<T>(taker: RecordTaker, read: () => T): T {
  try {
    return read();
  } catch (error) {
    taker.sourceFailed(error);
    throw error;
  }
}

async function answered<T>(taker: RecordTaker, answer: T | PromiseLike<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    // A source that was closed, or listens to the same signal, fails by it: that is not the error to report.
    taker.signal.throwIfAborted();
    taker.sourceFailed(error);
    throw error;
  }
}
