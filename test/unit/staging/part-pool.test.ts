import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PartPool } from '../../../src/staging/part-pool.ts';

function poolOf(capacity: number): PartPool {
  return new PartPool({ bufferBytes: 16, capacity });
}

describe('PartPool', () => {
  it('G5: makes buffers only when needed, and uses them again', async () => {
    const pool = poolOf(3);
    expect(pool.allocatedBytes).toBe(0);
    const first = await pool.acquire();
    pool.release(first);
    expect(pool.tryAcquire()).toBe(first);
    expect(pool.allocatedBytes).toBe(16);
  });

  it('has nothing to try when all are lent', () => {
    const pool = poolOf(1);
    expect(pool.tryAcquire()).toHaveLength(16);
    expect(pool.tryAcquire()).toBeUndefined();
  });

  it('serves those who wait in the order of asking', async () => {
    const pool = poolOf(1);
    const buffer = await pool.acquire();
    const served: string[] = [];
    const waiting = ['a', 'b', 'c'].map(async (name) => {
      const mine = await pool.acquire();
      served.push(name);
      pool.release(mine);
    });
    pool.release(buffer);
    await Promise.all(waiting);
    expect(served).toEqual(['a', 'b', 'c']);
  });

  it('lets nobody overtake one who waits', async () => {
    const pool = poolOf(1);
    const buffer = await pool.acquire();
    const waiting = pool.acquire();
    pool.release(buffer);
    expect(pool.tryAcquire()).toBeUndefined();
    pool.release(await waiting);
    expect(pool.tryAcquire()).toBe(buffer);
  });

  it('forgets one who no longer waits, and passes the buffer to the next', async () => {
    const pool = poolOf(1);
    const buffer = await pool.acquire();
    const controller = new AbortController();
    const gaveUp = pool.acquire(controller.signal);
    const next = pool.acquire();
    controller.abort();
    await expect(gaveUp).rejects.toMatchObject({ code: 'ABORTED' });
    pool.release(buffer);
    expect(await next).toBe(buffer);
    await expect(pool.acquire(controller.signal)).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('refuses a buffer that is not lent: two files would share it', async () => {
    const pool = poolOf(2);
    const buffer = await pool.acquire();
    pool.release(buffer);
    expect(() => pool.release(buffer)).toThrowError(expect.objectContaining({ code: 'INTERNAL' }));
    expect(() => pool.release(Buffer.alloc(16))).toThrowError(/wrong pool/);
  });

  it('G5: never lends more than its capacity, and never one buffer twice', () => {
    const steps = fc.array(fc.boolean(), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), steps, (capacity, acquires) => {
        const pool = poolOf(capacity);
        const lent: Buffer[] = [];
        for (const acquire of acquires) {
          const buffer = acquire ? pool.tryAcquire() : undefined;
          if (buffer !== undefined) lent.push(buffer);
          const back = acquire ? undefined : lent.pop();
          if (back !== undefined) pool.release(back);
          expect(new Set(lent).size).toBe(pool.inUse);
          expect(pool.inUse).toBeLessThanOrEqual(capacity);
          expect(pool.allocatedBytes).toBeLessThanOrEqual(capacity * 16);
        }
      }),
    );
  });
});
