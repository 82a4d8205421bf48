import { describe, expect, it } from 'vitest';
import { deleteObjects } from '../../../src/staging/s3-delete.ts';
import { s3Fault } from '../../support/memory-object-store.ts';

const keys = Array.from({ length: 2500 }, (_, i) => `k${i}`);

describe('deleteObjects', () => {
  it('deletes by the thousand', async () => {
    const sizes: number[] = [];
    const many = async (some: readonly string[]) => {
      sizes.push(some.length);
      return [];
    };
    const one = () => Promise.reject(new Error('not needed'));
    await deleteObjects(keys, { many, one });
    expect(sizes).toEqual([1000, 1000, 500]);
  });

  it('asks only once a server that refuses, and then deletes singly', async () => {
    let asked = 0;
    const deleted: string[] = [];
    const many = async () => {
      asked++;
      throw s3Fault('S3_ERROR', 'InvalidRequest');
    };
    const one = async (key: string) => {
      deleted.push(key);
    };
    await deleteObjects(keys, { many, one });
    expect(asked).toBe(1);
    expect(deleted).toEqual(keys);
  });

  it('deletes the keys that failed once more, each for itself', async () => {
    const deleted: string[] = [];
    const many = async () => [{ Key: 'k7', Code: 'InternalError' }];
    const one = async (key: string) => {
      deleted.push(key);
    };
    await deleteObjects(['k6', 'k7'], { many, one });
    expect(deleted).toEqual(['k7']);
  });

  it('reports what is not about the operation, and only when nothing is under way', async () => {
    const denied = s3Fault('S3_ACCESS_DENIED', 'AccessDenied');
    const many = () => Promise.reject(denied);
    const one = async () => {};
    await expect(deleteObjects(['a', 'b'], { many, one })).rejects.toBe(denied);
    let underWay = 0;
    const failing = async (key: string) => {
      underWay++;
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      if (key === 'k3') throw denied;
    };
    const refused = () => Promise.reject(s3Fault('S3_ERROR', 'NotImplemented'));
    await expect(deleteObjects(keys, { many: refused, one: failing })).rejects.toBe(denied);
    expect(underWay).toBe(0);
  });
});
