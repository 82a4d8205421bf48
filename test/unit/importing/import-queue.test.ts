import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CSV } from '../../../src/core/layout.ts';
import { ImportQueue, type QueuedFile } from '../../../src/importing/import-queue.ts';

const file = (fileId: number, lane = 0): QueuedFile => ({ fileId, lane, layout: CSV });

/** What may happen to a queue: a file comes, an import starts, one of those running ends. */
const steps = fc.array(
  fc.oneof(
    fc.record({ add: fc.nat({ max: 3 }) }),
    fc.record({ take: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ end: fc.nat({ max: 9 }) }),
  ),
  { maxLength: 80 },
);

interface Trace {
  readonly added: QueuedFile[];
  readonly taken: QueuedFile[][];
  readonly running: QueuedFile[][];
}

function play(
  queue: ImportQueue<QueuedFile>,
  sequence: readonly Partial<Record<'add' | 'take' | 'end', number>>[],
  check: (started: QueuedFile[], running: readonly QueuedFile[][], limit: number) => void,
): Trace {
  const trace: Trace = { added: [], taken: [], running: [] };
  for (const { add, take, end } of sequence) {
    if (add !== undefined) {
      const next = file(trace.added.length + 1, add);
      trace.added.push(next);
      queue.add(next);
    }
    const started = take === undefined ? undefined : queue.take(take);
    if (started !== undefined) {
      check(started, trace.running, take ?? 0);
      trace.taken.push(started);
      trace.running.push(started);
    }
    const [ended] = end === undefined ? [] : trace.running.splice(end, 1);
    if (ended !== undefined) queue.finished(ended);
  }
  for (const ended of trace.running.splice(0)) queue.finished(ended);
  for (let rest = queue.take(4); rest !== undefined; rest = queue.take(4)) {
    trace.taken.push(rest);
    queue.finished(rest);
  }
  return trace;
}

const ids = (files: readonly QueuedFile[]) => files.map(({ fileId }) => fileId);

describe('files waiting for an import', () => {
  test('with an order: one lane an import, one import a lane, each lane in its order, none lost (G3)', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const trace = play(
          new ImportQueue({ ordered: true }),
          sequence,
          (started, running, limit) => {
            const lanes = new Set(started.map(({ lane }) => lane));
            expect(lanes.size).toBe(1);
            expect(running.flat().some(({ lane }) => lanes.has(lane))).toBe(false);
            expect(started.length).toBeLessThanOrEqual(limit);
          },
        );
        for (const lane of [0, 1, 2, 3]) {
          const inLane = (files: readonly QueuedFile[]) =>
            ids(files.filter((one) => one.lane === lane));
          expect(inLane(trace.taken.flat())).toEqual(inLane(trace.added));
        }
      }),
    );
  });

  test('without an order: every file once, nothing held up by what is running', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const queue = new ImportQueue<QueuedFile>({ ordered: false });
        const trace = play(queue, sequence, (started, _running, limit) => {
          expect(started.length).toBeLessThanOrEqual(limit);
        });
        expect(ids(trace.taken.flat())).toEqual(ids(trace.added));
      }),
    );
  });

  test('a lane that is busy is passed over, not waited for', () => {
    const queue = new ImportQueue<QueuedFile>({ ordered: true });
    for (const one of [file(1, 0), file(2, 0), file(3, 1)]) queue.add(one);
    expect(queue.take(1)).toEqual([file(1, 0)]);
    expect(queue.take(1)).toEqual([file(3, 1)]);
    expect(queue.take(1)).toBeUndefined();
    queue.finished([file(1, 0)]);
    expect(queue.take(5)).toEqual([file(2, 0)]);
  });
});
