// Processes of a storm may have an S3 of their own, in memory.

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
