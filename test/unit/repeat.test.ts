import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RetryClass } from '../../src/core/retry-policy.ts';
import { type RetryRules, repeat } from '../../src/repeat.ts';

const AT_ONCE = { baseMs: 0, maxMs: 0 };
const RETRIED = { step: 's3', processId: 'p-1' } as const;
/** Longer than any test may take. */
const FOREVER = { baseMs: 1e9, maxMs: 1e9 };

/** Fails with each of these, then succeeds; an attempt without a failure is the last one. */
function failing(...failures: readonly Error[]) {
  const attempts: number[] = [];
  const work = async ({ number }: { readonly number: number }) => {
    attempts.push(number);
    const failure = failures[number - 1];
    if (failure !== undefined) throw failure;
    return 'done';
  };
  return { work, attempts };
}

function rules(classify: () => RetryClass, more: Partial<RetryRules> = {}): RetryRules {
  return { retried: RETRIED, limits: AT_ONCE, classify, ...more };
}

describe('what is repeated', () => {
  it('is done until it succeeds', async () => {
    const { work, attempts } = failing(new Error('one'), new Error('two'));
    expect(
      await repeat(
        work,
        rules(() => 'transient'),
      ),
    ).toBe('done');
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('fails with its last failure, or with what is made of it', async () => {
    const last = new Error('two');
    const limits = { ...AT_ONCE, attempts: 2 };
    const { work } = failing(new Error('one'), last);
    await expect(
      repeat(
        work,
        rules(() => 'transient', { limits }),
      ),
    ).rejects.toBe(last);

    const told: unknown[] = [];
    const gaveUp: RetryRules['gaveUp'] = (...of) => {
      told.push(...of);
      return new Error('in vain');
    };
    const again = failing(new Error('one'), last);
    await expect(
      repeat(
        again.work,
        rules(() => 'transient', { limits, gaveUp }),
      ),
    ).rejects.toThrow('in vain');
    expect(told).toEqual([last, 'attempts', 2]);
  });

  it('fails with what is made of its last failure in time', async () => {
    const made = new Error('in vain, at line 7');
    const gaveUp: RetryRules['gaveUp'] = async () => {
      await nextTurn();
      return made;
    };
    const { work } = failing(new Error('one'));
    await expect(
      repeat(
        work,
        rules(() => 'permanent', { gaveUp }),
      ),
    ).rejects.toBe(made);
  });

  it('is told what time is left, and goes by limits that change on the way', async () => {
    const left: number[] = [];
    const limits = { ...AT_ONCE, totalMs: 60_000 };
    const work = async ({ leftMs }: { readonly leftMs: number }) => {
      left.push(leftMs);
      limits.totalMs = 0;
      throw new Error('away');
    };
    const why: string[] = [];
    const gaveUp: RetryRules['gaveUp'] = (error, reason) => {
      why.push(reason);
      return error;
    };
    await expect(
      repeat(work, { retried: RETRIED, limits, classify: () => 'transient', gaveUp }),
    ).rejects.toThrow();
    expect(why).toEqual(['time']);
    expect(left).toEqual([expect.closeTo(60_000, -3)]);
  });
});

describe('a signal', () => {
  it('ends the pause in which it fires', async () => {
    const controller = new AbortController();
    const { work, attempts } = failing(new Error('one'));
    const classify = () => {
      setImmediate(() => controller.abort());
      return 'transient' as const;
    };
    await repeat(work, { retried: RETRIED, limits: FOREVER, classify, signal: controller.signal });
    expect(attempts).toEqual([1, 2]);
  });

  it('that fired before leaves the pauses as they are', async () => {
    const signal = AbortSignal.abort();
    const limits = { baseMs: 60, maxMs: 60 };
    const { work } = failing(new Error('one'), new Error('two'));
    const started = performance.now();
    await repeat(work, { retried: RETRIED, limits, classify: () => 'transient', signal });
    expect(performance.now() - started).toBeGreaterThanOrEqual(55);
  });
});

describe('a watcher', () => {
  const seen: unknown[] = [];
  const watch = (message: unknown) => void seen.push(message);
  beforeEach(() => {
    seen.length = 0;
    subscribe('relyt:retry', watch);
    return () => void unsubscribe('relyt:retry', watch);
  });

  it('is told of each attempt that is followed by another, and of the code behind it', async () => {
    const broken = new Error('broken', { cause: Object.assign(new Error(), { code: 'EPIPE' }) });
    const { work } = failing(broken, new Error('without a code'));
    await repeat(
      work,
      rules(() => 'transient'),
    );
    expect(seen).toEqual([
      { ...RETRIED, attempt: 1, waitSeconds: 0, code: 'EPIPE' },
      { ...RETRIED, attempt: 2, waitSeconds: 0, code: undefined },
    ]);
  });

  it('is not told of the last failure', async () => {
    const { work } = failing(new Error('for good'));
    const given = rules(() => 'permanent');
    await expect(repeat(work, given)).rejects.toThrow('for good');
    expect(seen).toEqual([]);
  });
});
