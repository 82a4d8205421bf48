import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Lease } from '../../../src/database/lease.ts';
import type { Session } from '../../../src/database/session.ts';

const BEAT = { name: 'beat', text: 'beat' };
const RELEASE = { name: 'release', text: 'release' };

/** Answers each statement with the next number of rows, or fails with it; then always with one row. */
function session(...answers: readonly (number | Error)[]) {
  const left = [...answers];
  const executed: string[] = [];
  const execute: Session['execute'] = async ({ text }) => {
    executed.push(text);
    const answer = left.shift() ?? 1;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { database: { execute, query: async () => [] } as Session, executed };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a lease (G6)', () => {
  it('is told three times in its time that its holder lives, until it stops', async () => {
    const { database, executed } = session();
    const lease = new Lease(database, { seconds: 3, beat: BEAT });
    await vi.advanceTimersByTimeAsync(3000);
    expect(executed).toEqual(['beat', 'beat', 'beat']);
    await lease.stop();
    await vi.advanceTimersByTimeAsync(3000);
    expect(executed).toHaveLength(3);
  });

  it('outlives a database that cannot be reached', async () => {
    const { database, executed } = session(new Error('away'), new Error('away'));
    const lease = new Lease(database, { seconds: 3, beat: BEAT });
    const lost = vi.fn();
    lease.whenLost(lost);
    await vi.advanceTimersByTimeAsync(3000);
    expect(executed).toHaveLength(3);
    expect(lost).not.toHaveBeenCalled();
    await lease.stop();
  });

  it('is lost when a beat touches no row: that is told once, also to a later listener', async () => {
    const { database, executed } = session(1, 0);
    const lease = new Lease(database, { seconds: 3, beat: BEAT });
    const lost = vi.fn();
    lease.whenLost(lost);
    await vi.advanceTimersByTimeAsync(9000);
    expect(lost).toHaveBeenCalledOnce();
    expect(executed).toHaveLength(2);
    const later = vi.fn();
    lease.whenLost(later);
    expect(later).toHaveBeenCalledOnce();
  });

  it('is released after the last beat, and no failure of that is told', async () => {
    const { database, executed } = session(1, new Error('away'));
    const lease = new Lease(database, { seconds: 3, beat: BEAT });
    await vi.advanceTimersByTimeAsync(1000);
    await lease.release(RELEASE);
    await vi.advanceTimersByTimeAsync(3000);
    expect(executed).toEqual(['beat', 'release']);
  });
});
