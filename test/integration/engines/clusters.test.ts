// Clusters that the environment names are those that they are tested as. The others are left out, and say so here.

import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { ENGINE_CLUSTERS } from '../../support/engine-clusters.ts';

describe.each(ENGINE_CLUSTERS)('the engine $name', ({ server, missing }) => {
  const reason = missing.length === 0 ? '' : ` (not set: ${missing.join(', ')})`;

  test.runIf(server)(`has a cluster with segments${reason}`, async () => {
    const client = new pg.Client({ connectionString: server?.url });
    await client.connect();
    try {
      const { rows } = await client.query(
        "select 1 from pg_catalog.gp_segment_configuration where content >= 0 and role = 'p'",
      );
      expect(rows.length).toBeGreaterThan(0);
    } finally {
      await client.end();
    }
  });
});
