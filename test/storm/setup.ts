// Processes of a storm may have an S3 of their own, in memory, and have small buffers.

import { vi } from 'vitest';

vi.mock('../../src/staging/s3-object-store.ts', async (original) => {
  const { S3ObjectStore } = await original<typeof import('../../src/staging/s3-object-store.ts')>();
  const { currentProcess } = await import('./process.ts');
  return {
    S3ObjectStore: function (
      this: unknown,
      ...settings: ConstructorParameters<typeof S3ObjectStore>
    ) {
      return currentProcess()?.store ?? new S3ObjectStore(...settings);
    },
  };
});

/** Thousands of loads begin in one process: buffers of 5 MiB for files of some KiB would keep its garbage collector busy. */
const BUFFER_BYTES = 64 * 1024;

vi.mock('../../src/staging/part-pool.ts', async (original) => {
  const { PartPool } = await original<typeof import('../../src/staging/part-pool.ts')>();
  const { currentProcess } = await import('./process.ts');
  return {
    PartPool: class extends PartPool {
      constructor({ capacity }: ConstructorParameters<typeof PartPool>[0]) {
        super({ bufferBytes: BUFFER_BYTES, capacity });
        currentProcess()?.pools.push(this);
      }
    },
  };
});
