import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buffersOfPart, maxFileBytes, partBytes, S3_LIMITS } from '../../../src/core/part-plan.ts';

const MIB = 1024 ** 2;
const partSizes = fc.integer({ min: 5 * MIB, max: 100 * MIB });

/** Parts needed for a file, summed up part by part. */
function partsFor(fileBytes: number, partSizeBytes: number): number {
  let parts = 0;
  for (let left = fileBytes; left > 0; left -= partBytes(parts, partSizeBytes)) parts++;
  return parts;
}

describe('part plan', () => {
  it('fits any file S3 can hold into the parts S3 allows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: S3_LIMITS.objectBytes }), partSizes, (bytes, size) => {
        expect(partsFor(bytes, size)).toBeLessThanOrEqual(S3_LIMITS.parts);
      }),
    );
  });

  it.each([5 * MIB, 5 * MIB + 1, 8 * MIB, 99 * MIB, 100 * MIB])(
    'fits the largest object with parts of %d bytes',
    (size) => {
      expect(partsFor(S3_LIMITS.objectBytes, size)).toBeLessThanOrEqual(S3_LIMITS.parts);
      expect(maxFileBytes(size, Number.POSITIVE_INFINITY)).toBe(S3_LIMITS.objectBytes);
    },
  );

  it('starts with the configured size, never shrinks, and stays below the largest part', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: S3_LIMITS.parts - 1 }), partSizes, (number, size) => {
        expect(partBytes(1, size)).toBe(size);
        expect(partBytes(number + 1, size)).toBeGreaterThanOrEqual(partBytes(number, size));
        expect(partBytes(number + 1, size)).toBeLessThanOrEqual(S3_LIMITS.maxPartBytes);
      }),
    );
  });

  it('keeps to the most buffers it is given', () => {
    expect(buffersOfPart(950, 5 * MIB, 2)).toBe(1);
    expect(buffersOfPart(951, 5 * MIB, 2)).toBe(2);
    expect(buffersOfPart(10_000, 5 * MIB, 2)).toBe(2);
    expect(buffersOfPart(10_000, 5 * MIB, 1)).toBe(1);
  });

  it('says how large a file can get with a limited number of buffers', () => {
    expect(maxFileBytes(5 * MIB, 1)).toBe(10_000 * 5 * MIB);
    expect(maxFileBytes(5 * MIB, 2)).toBe((950 + 9050 * 2) * 5 * MIB);
  });
});
