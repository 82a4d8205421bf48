import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from '../../../src/core/backoff.ts';

const limits = { baseMs: 100, maxMs: 1000 };

test('the pause doubles up to its limit, half of it by chance', () => {
  const pauses = [1, 2, 3, 4, 5, 6].map((attempt) => [
    backoffMs(attempt, limits, 0),
    backoffMs(attempt, limits, 1),
  ]);
  expect(pauses).toEqual([
    [50, 100],
    [100, 200],
    [200, 400],
    [400, 800],
    [500, 1000],
    [500, 1000],
  ]);
});

test('no number of attempts makes it longer than its limit, or no number', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempt, random) => {
        const pause = backoffMs(attempt, limits, random);
        expect(pause).toBeGreaterThanOrEqual(50);
        expect(pause).toBeLessThanOrEqual(1000);
      },
    ),
  );
});

test('a limit of zero means no pause', () => {
  expect(backoffMs(9, { baseMs: 200, maxMs: 0 }, 0.5)).toBe(0);
});
