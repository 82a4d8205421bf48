// G1: wherever generations are closed and processes end, each record is frozen exactly once.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SourcePlace, type StoredPlace } from '../../../src/core/source-place.ts';

/** One call of a process. */
interface Call {
  readonly records: number;
  readonly givesPosition: boolean;
  /** After so many of its records the open generation is closed; more than it has: not inside. */
  readonly closesAfter: readonly number[];
  /** After its position was reached. */
  readonly closesAtEnd: boolean;
}

interface Run {
  readonly calls: readonly Call[];
  /** The process ends inside its last call, before so many of its records. */
  readonly endsBefore: number;
  /** Generations that were closed last and are lost with the process. */
  readonly lost: number;
}

/** The row of a task, and how often each record of its source was frozen. */
class Task {
  row: StoredPlace = { lastOrdinal: 0, position: undefined, replayAfter: null };
  readonly frozen: number[];

  constructor(total: number) {
    this.frozen = new Array<number>(total).fill(0);
  }

  freeze({ records, ...stored }: Closed): void {
    for (const record of records) this.frozen[record] = (this.frozen[record] ?? 0) + 1;
    this.row = {
      lastOrdinal: Math.max(this.row.lastOrdinal, stored.lastOrdinal),
      position: stored.position ?? this.row.position,
      replayAfter: stored.replayAfter,
    };
  }
}

interface Closed {
  readonly records: readonly number[];
  readonly lastOrdinal: number;
  readonly position: unknown;
  readonly replayAfter: number | null;
}

/** A process as `RecordIntake` and `LoadTask` make it up; a position is the number of records before it. */
class Process {
  readonly closed: Closed[] = [];
  readonly #place: SourcePlace;
  #received: number;
  #open: number[] = [];
  #next: number;

  /** @param from the first record that its source gives */
  constructor(row: StoredPlace, from: number) {
    this.#place = new SourcePlace(row);
    this.#received = this.#place.replayAfter;
    this.#next = from;
  }

  get lacking(): number {
    return this.#place.lacking(this.#received);
  }

  call({ records, givesPosition, closesAfter, closesAtEnd }: Call, until: number): void {
    if (givesPosition) this.#place.headsFor(this.#next + records);
    for (let taken = 0; taken < Math.min(records, until); taken++) {
      this.#take();
      if (closesAfter.includes(taken + 1)) this.close();
    }
    if (until < records) return;
    if (givesPosition) this.#place.reached(this.#next, this.#received);
    if (closesAtEnd) this.close();
  }

  close(): void {
    const records = this.#open;
    const lastOrdinal = records.length === 0 ? 0 : this.#received;
    const stored = this.#place.closed(lastOrdinal);
    if (stored === undefined) return;
    this.#open = [];
    this.closed.push({ records, lastOrdinal, ...stored });
  }

  #take(): void {
    const record = this.#next++;
    this.#received++;
    if (!this.#place.isSafe(this.#received)) this.#open.push(record);
  }
}

const calls = (givesPosition: fc.Arbitrary<boolean>) =>
  fc.array(
    fc.record({
      records: fc.nat(8),
      givesPosition,
      closesAfter: fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 3 }),
      closesAtEnd: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  );

const runs = (givesPosition: fc.Arbitrary<boolean>) =>
  fc.array(
    fc.record({
      calls: calls(givesPosition),
      endsBefore: fc.nat(8),
      lost: fc.nat(3),
    }),
    { maxLength: 6 },
  );

const TOTAL = 40;

/** No call goes past the end of the source. */
function within(run: Run, from: number): Run {
  let left = TOTAL - from;
  const fitting = run.calls.map((call) => {
    const records = Math.min(call.records, left);
    left -= records;
    return { ...call, records };
  });
  return { ...run, calls: fitting };
}

/** All of these runs, and one that comes to the end of the source. */
function afterRuns(given: readonly Run[], whereFrom: (row: StoredPlace) => number): Task {
  const task = new Task(TOTAL);
  for (const run of given) {
    const from = whereFrom(task.row);
    const process = new Process(task.row, from);
    const { calls: all, endsBefore, lost } = within(run, from);
    all.forEach((call, n) => {
      process.call(call, n === all.length - 1 ? endsBefore : TOTAL);
    });
    for (const closed of process.closed.slice(0, Math.max(0, process.closed.length - lost)))
      task.freeze(closed);
  }
  const from = whereFrom(task.row);
  const last = new Process(task.row, from);
  last.call(
    { records: TOTAL - from, givesPosition: true, closesAfter: [], closesAtEnd: true },
    TOTAL,
  );
  expect(last.lacking).toBe(0);
  for (const closed of last.closed) task.freeze(closed);
  return task;
}

const onceEach = new Array<number>(TOTAL).fill(1);
const fromPosition = ({ position }: StoredPlace) => (position as number | undefined) ?? 0;
const fromReceived = (row: StoredPlace) => new SourcePlace(row).replayAfter;

describe('a source that is interrupted (G1)', () => {
  it('replayed from its position: each record is frozen exactly once', () => {
    fc.assert(
      fc.property(runs(fc.constant(true)), (given) => {
        expect(afterRuns(given, fromPosition).frozen).toEqual(onceEach);
      }),
    );
  });

  it('some of whose calls give no position, after the first one did', () => {
    const first: Call = { records: 3, givesPosition: true, closesAfter: [2], closesAtEnd: true };
    fc.assert(
      fc.property(runs(fc.boolean()), (given) => {
        const begun = given.map((run) => ({ ...run, calls: [first, ...run.calls] }));
        expect(afterRuns(begun, fromPosition).frozen).toEqual(onceEach);
      }),
    );
  });

  it('that goes on after the records the resumed task has received, with positions or without', () => {
    fc.assert(
      fc.property(runs(fc.boolean()), (given) => {
        expect(afterRuns(given, fromReceived).frozen).toEqual(onceEach);
      }),
    );
  });
});

describe('the place of a source', () => {
  it('of a row that an older version wrote is at its last record', () => {
    const place = new SourcePlace({ lastOrdinal: 25, position: 'a', replayAfter: null });
    expect(place.replayAfter).toBe(25);
    expect(place.lacking(25)).toBe(0);
    expect(place.isSafe(26)).toBe(false);
  });

  it('is stored as one that is replayed only where the position lies behind', () => {
    const place = new SourcePlace();
    place.headsFor('a');
    expect(place.closed(10)).toEqual({
      position: undefined,
      positionOrdinal: 0,
      replayAfter: 0,
      filePosition: 'a',
    });
    place.reached('a', 15);
    place.headsFor('b');
    expect(place.closed(20)).toEqual({
      position: 'a',
      positionOrdinal: 15,
      replayAfter: 15,
      filePosition: 'b',
    });
    place.reached('b', 20);
    expect(place.closed(0)).toEqual({
      position: 'b',
      positionOrdinal: 20,
      replayAfter: null,
      filePosition: 'b',
    });
    expect(place.closed(0)).toBeUndefined();
    expect(place.closed(25)).toEqual({
      position: undefined,
      positionOrdinal: 20,
      replayAfter: 20,
      filePosition: undefined,
    });
  });

  it('is the beginning until the first position is reached, also for the next process', () => {
    const place = new SourcePlace({ lastOrdinal: 25, position: undefined, replayAfter: 0 });
    expect(place.closed(30)).toEqual({
      position: undefined,
      positionOrdinal: 0,
      replayAfter: 0,
      filePosition: undefined,
    });
  });

  it('without positions is after the last record', () => {
    const place = new SourcePlace();
    expect(place.closed(10)).toEqual({
      position: undefined,
      positionOrdinal: 0,
      replayAfter: null,
      filePosition: undefined,
    });
  });

  it('is missed by a replay that ends too early, but not by a task that is only ended', () => {
    const place = new SourcePlace({ lastOrdinal: 25, position: 'a', replayAfter: 20 });
    expect([20, 21, 24, 25, 30].map((ordinal) => place.lacking(ordinal))).toEqual([0, 4, 1, 0, 0]);
  });
});
