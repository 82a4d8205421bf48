/**
 * How many bytes each part of a multipart upload holds. The size of a file is not known when its upload
 * starts, so the first parts are small and later ones grow: the largest object S3 takes fits into the
 * largest number of parts it takes.
 */

const MIB = 1024 ** 2;

/** What S3 allows. Only the last part may be smaller than `minPartBytes`. */
export const S3_LIMITS = {
  parts: 10_000,
  minPartBytes: 5 * MIB,
  maxPartBytes: 5 * 1024 * MIB,
  objectBytes: 5 * 1024 ** 2 * MIB,
} as const;

/** Parts of equal size before the size doubles: 950 makes 10,000 parts of 5 MiB and up hold 5 TiB. */
const PARTS_PER_SIZE = 950;

/** Buffers of `bufferBytes` that part `partNumber` (1-based) is made of; at most `maxBuffers`. */
export function buffersOfPart(
  partNumber: number,
  bufferBytes: number,
  maxBuffers = Number.POSITIVE_INFINITY,
): number {
  const doublings = Math.floor((partNumber - 1) / PARTS_PER_SIZE);
  const largest = Math.max(1, Math.floor(S3_LIMITS.maxPartBytes / bufferBytes));
  return Math.max(1, Math.min(2 ** doublings, largest, maxBuffers));
}

/** Bytes of part `partNumber` (1-based), when it is not the last one. */
export function partBytes(partNumber: number, partSizeBytes: number): number {
  return buffersOfPart(partNumber, partSizeBytes) * partSizeBytes;
}

/** The largest file that fits into 10,000 parts when no part is made of more than `maxBuffers` buffers. */
export function maxFileBytes(partSizeBytes: number, maxBuffers: number): number {
  let bytes = 0;
  for (let number = 1; number <= S3_LIMITS.parts; number += PARTS_PER_SIZE) {
    const parts = Math.min(PARTS_PER_SIZE, S3_LIMITS.parts - number + 1);
    bytes += parts * buffersOfPart(number, partSizeBytes, maxBuffers) * partSizeBytes;
  }
  return Math.min(bytes, S3_LIMITS.objectBytes);
}
