// An engine that the documentation does not promise for a version is refused there (G8).

import { describe, expect, test } from 'vitest';
import type { Session } from '../../../src/database/session.ts';
import { detectEngine } from '../../../src/engines/detect.ts';

/** A database that says this of itself. */
function database(number: number): Session {
  const traits = {
    version: `PostgreSQL ${number / 10_000} on x86_64`,
    number,
    isDistributed: false,
    isPrepared: false,
    canPrepare: true,
    hasAwsS3: false,
  };
  return { query: async () => [traits], execute: async () => 0 } as unknown as Session;
}

describe('the engine postgres', () => {
  test('is for PostgreSQL 13 and later', async () => {
    expect(await detectEngine(database(130_000), 'postgres')).toMatchObject({ engine: 'postgres' });
    await expect(detectEngine(database(120_022), 'postgres')).rejects.toMatchObject({
      code: 'ENGINE_UNSUPPORTED',
      message: expect.stringContaining('is older than PostgreSQL 13'),
    });
  });

  test('is not what is found for PostgreSQL 12, which copy still serves', async () => {
    for (const chosen of ['auto', 'copy'] as const)
      expect(await detectEngine(database(120_022), chosen)).toMatchObject({ engine: 'copy' });
    expect(await detectEngine(database(130_000), 'auto')).toMatchObject({ engine: 'postgres' });
  });
});
