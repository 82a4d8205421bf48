import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextAttempt, type RetryLimits } from '../../../src/core/retry-policy.ts';

const limits: RetryLimits = { baseMs: 100, maxMs: 1000 };

/** What follows a transient failure. */
function after(number: number, chance: number, more: Partial<RetryLimits> = {}, elapsedMs = 0) {
  return nextAttempt({ class: 'transient', number, elapsedMs }, { ...limits, ...more }, chance);
}

describe('the pause before another attempt', () => {
  it('doubles up to its limit, half of it by chance', () => {
    const pauses = [1, 2, 3, 4, 5, 6].map((number) => [after(number, 0), after(number, 1)]);
    expect(pauses).toEqual(
      [
        [50, 100],
        [100, 200],
        [200, 400],
        [400, 800],
        [500, 1000],
        [500, 1000],
      ].map((pair) => pair.map((waitMs) => ({ waitMs }))),
    );
  });

  it('is a number, and never longer than its limit, whatever the number of attempts', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (number, chance) => {
          const next = after(number, chance);
          const waitMs = 'waitMs' in next ? next.waitMs : Number.NaN;
          expect(waitMs).toBeGreaterThanOrEqual(50);
          expect(waitMs).toBeLessThanOrEqual(1000);
        },
      ),
    );
  });

  it('is none where its limit is zero', () => {
    expect(after(9, 0.5, { baseMs: 200, maxMs: 0 })).toEqual({ waitMs: 0 });
  });
});

describe('the end of the attempts', () => {
  it('comes with the last one that is allowed', () => {
    expect(after(3, 0, { attempts: 4 })).toEqual({ waitMs: 200 });
    expect(after(4, 0, { attempts: 4 })).toEqual({ giveUp: 'attempts' });
  });

  it('comes when the pause would leave no time', () => {
    expect(after(1, 1, { totalMs: 1000 }, 899)).toEqual({ waitMs: 100 });
    expect(after(1, 1, { totalMs: 1000 }, 900)).toEqual({ giveUp: 'time' });
  });

  it('comes at once after a failure that no attempt changes', () => {
    const failed = { class: 'permanent', number: 1, elapsedMs: 0 } as const;
    expect(nextAttempt(failed, limits, 0)).toEqual({ giveUp: 'permanent' });
  });

  it('is no matter of an attempt that does something else: it follows at once', () => {
    const failed = { class: 'mended', number: 9, elapsedMs: 9000 } as const;
    const used = { ...limits, attempts: 1, totalMs: 1 };
    expect(nextAttempt(failed, used, 1)).toEqual({ waitMs: 0 });
  });
});
