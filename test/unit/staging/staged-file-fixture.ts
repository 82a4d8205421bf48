import { expect } from 'vitest';
import { PartPool } from '../../../src/staging/part-pool.ts';
import { StagedFile, type StagedFileOptions } from '../../../src/staging/staged-file.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';

/** Small enough that a few lines make several parts; the fake's smallest part is as small. */
export const PART_BYTES = 64;
export const KEY = 'p/2026-11-22/task/f1.csv';
/** Three tries, without noticeable waiting. */
const FAST_RETRY = { attempts: 3, baseMs: 1, maxMs: 1 };

export interface Staging {
  readonly store: MemoryObjectStore;
  readonly pool: PartPool;
  readonly file: StagedFile;
}

export function startFile(
  options: Partial<StagedFileOptions> & { capacity?: number } = {},
): Staging {
  const { capacity = 4, ...given } = options;
  const store = new MemoryObjectStore({ minPartBytes: PART_BYTES });
  const pool = new PartPool({ bufferBytes: PART_BYTES, capacity });
  const file = new StagedFile({
    key: KEY,
    store,
    pool,
    maxPartsInFlight: 2,
    gzip: false,
    beforeUpload: async () => {},
    retry: FAST_RETRY,
    ...given,
  });
  return { store, pool, file };
}

/** Appends as the loader does: waits whenever the file is blocked. */
export async function appendAll(file: StagedFile, lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    file.append(line);
    if (file.blocked) await file.whenWritable();
  }
}

/** Lines of `count` × 4 KiB, so that each one is flushed at once and makes many parts. */
export function manyParts(count = 2): string[] {
  return Array.from({ length: count }, (_, i) => `${String(i).repeat(4095)}\n`);
}

/** Turns of the event loop, until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { interval: 1, timeout: 5_000 }).toBe(true);
}

/** G7 and G5: nothing left in S3, no buffer lost, and every scripted fault was met. */
export function expectNothingLeft({ store, pool }: Staging): void {
  expect([...store.uploads.keys()]).toEqual([]);
  expect([...store.objects.keys()]).toEqual([]);
  expect(pool.inUse).toBe(0);
  expect(store.faults.left).toBe(0);
}
