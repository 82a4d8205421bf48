// G8: the line of a record is its own, or not known; never another one's.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineOf, RecordLines } from '../../../src/core/record-lines.ts';

/** Ordinals that go up, some left out, and lines that go up at least as fast, some not known. */
const RECORDS = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 3 }), fc.boolean()))
  .map((steps) => {
    let [ordinal, line] = [0, 1];
    return steps.map(([ahead, more, known]) => {
      ordinal += ahead;
      line += ahead + more;
      return { ordinal, line: known ? line : undefined };
    });
  });

test('each record has the line it was added with', () => {
  fc.assert(
    fc.property(RECORDS, (records) => {
      const lines = new RecordLines();
      for (const { ordinal, line } of records) lines.add(ordinal, line);
      const stored = JSON.parse(JSON.stringify(lines.runs));
      for (const { ordinal, line } of records) expect(lineOf(stored, ordinal)).toBe(line);
    }),
  );
});

test('records of one line each are one run, and no lines are none', () => {
  const lines = new RecordLines();
  const none = new RecordLines();
  for (let n = 1; n <= 1000; n++) {
    lines.add(n, n + 1);
    none.add(n, undefined);
  }
  expect(lines.runs).toEqual([[1, 1]]);
  expect(none.runs).toEqual([]);
});

test('what is kept is bounded (G5): what follows is not known', () => {
  const lines = new RecordLines();
  const line = (n: number) => 2 * n;
  for (let n = 1; n <= 100_000; n++) lines.add(n, line(n));
  expect(lines.runs.length).toBeLessThan(20_002);
  expect(lineOf(lines.runs, 20_000)).toBe(line(20_000));
  expect(lineOf(lines.runs, 20_001)).toBeUndefined();
  expect(lineOf(lines.runs, 100_000)).toBeUndefined();
});
