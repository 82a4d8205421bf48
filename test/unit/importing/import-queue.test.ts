import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CSV, type Layout, sameLayout } from '../../../src/core/layout.ts';
import { ImportQueue, type QueuedFile } from '../../../src/importing/import-queue.ts';

const BINARY: Layout = { format: 'binary', forms: ['native'] };

const file = (fileId: number, lane = 0, layout = CSV, epoch = 1): QueuedFile => ({
  fileId,
  lane,
  layout,
  epoch,
});

/** Whether keys are spread over the lanes in the same way. */
const areAlike = (a: QueuedFile, b: QueuedFile) =>
  a.epoch === b.epoch && sameLayout(a.layout, b.layout);

/** What may happen to a queue: a file comes, an import starts, one of those running ends. */
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      add: fc.nat({ max: 3 }),
      // Mostly as the one before, so that there are runs of both.
      turn: fc.constantFrom<Turn>('none', 'none', 'none', 'layout', 'epoch'),
    }),
    fc.record({ take: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ end: fc.nat({ max: 9 }) }),
  ),
  { maxLength: 80 },
);

type Turn = 'none' | 'layout' | 'epoch';

interface Step {
  readonly add?: number;
  readonly turn?: Turn;
  readonly take?: number;
  readonly end?: number;
}

interface Trace {
  readonly added: QueuedFile[];
  readonly taken: QueuedFile[][];
  readonly running: QueuedFile[][];
}

/** The file that comes after the newest one, in a lane. */
function following(added: readonly QueuedFile[], lane: number, turn: Turn | undefined): QueuedFile {
  const { layout, epoch } = added.at(-1) ?? file(0);
  const other = layout === CSV ? BINARY : CSV;
  return file(
    added.length + 1,
    lane,
    turn === 'layout' ? other : layout,
    turn === 'epoch' ? epoch + 1 : epoch,
  );
}

function play(
  queue: ImportQueue<QueuedFile>,
  sequence: readonly Step[],
  check: (started: QueuedFile[], running: readonly QueuedFile[][], limit: number) => void,
): Trace {
  const trace: Trace = { added: [], taken: [], running: [] };
  for (const { add, turn, take, end } of sequence) {
    if (add !== undefined) {
      const next = following(trace.added, add, turn);
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
            const [first] = started as [QueuedFile];
            // Keys of another layout or epoch may stand in any lane: nothing of them is under way.
            for (const one of [...started, ...running.flat()])
              expect(areAlike(one, first)).toBe(true);
          },
        );
        // Nor does a file overtake one that is spread otherwise.
        const taken = trace.taken.flat();
        taken.forEach((one, n) => {
          const later = taken.slice(n + 1).filter((other) => !areAlike(one, other));
          expect(later.every(({ fileId }) => fileId > one.fileId)).toBe(true);
        });
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
          expect(started.every((one) => sameLayout(one.layout, started[0]?.layout ?? CSV))).toBe(
            true,
          );
        });
        for (const layout of [CSV, BINARY]) {
          const written = (files: readonly QueuedFile[]) =>
            ids(files.filter((one) => one.layout === layout));
          expect(written(trace.taken.flat())).toEqual(written(trace.added));
        }
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

  test('without an order, imports that may start now share the files, and are alike in size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 8 }),
        (files, limit, slots) => {
          const queue = new ImportQueue<QueuedFile>({ ordered: false });
          for (let id = 1; id <= files; id++) queue.add(file(id));
          const sizes: number[] = [];
          for (let free = slots; free > 0; free--) {
            const taken = queue.take(limit, free);
            if (taken !== undefined) sizes.push(taken.length);
          }
          const all = sizes.reduce((sum, size) => sum + size, 0);
          expect(all).toBe(Math.min(files, limit * slots));
          expect(sizes.length).toBe(Math.min(files, slots));
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
