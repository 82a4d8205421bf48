// How often a load waits for the database: on another continent each round trip takes a tenth of a second.

import { describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { Database } from '../../../src/database/database.ts';
import { writeLoaderConfig } from '../../../src/database/loader-config.ts';
import { CountingProxy } from '../../support/counting-proxy.ts';
import { type TestTarget, targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';

const ENGINES = ['postgres', 'copy', 'direct'] as const;
const CASES = newestServers().flatMap((server) =>
  ENGINES.map((engine) => ({ server, engine, name: `${engine} on ${server.name}` })),
);

/** S3 settings, as an administrator stores them. */
async function storeSettings(target: TestTarget): Promise<void> {
  const { endpoint, region, bucket, accessKey, secretKey } = target.way.s3;
  const database = new Database(
    { connectionString: target.database.url },
    { connections: 1, applicationName: 'relyt-test' },
  );
  try {
    const settings = {
      ...{ endpoint, region, bucket_name: bucket, prefix: target.prefix },
      ...{ access_key: accessKey, secret_key: secretKey },
    };
    await writeLoaderConfig(database, { settings, roles: [] });
  } finally {
    await database.close();
  }
}

describe.each(CASES)('create() by $name', ({ server, engine }) => {
  const makeTarget = targetsOn(server);

  test('takes three round trips on a prepared database, over one connection', async () => {
    const target = await makeTarget('id int primary key, v text, tags text[], at timestamptz');
    await target.load([], { engine });
    await storeSettings(target);
    await using proxy = await CountingProxy.start(target.database.url);
    const { postgresql } = target.config();
    // Whether a server has TLS is found out by a connection of its own.
    const connectionString = `${proxy.url}?sslmode=disable`;
    const processor = await BulkProcessor.create({
      postgresql: { ...postgresql, connectionString },
      engine,
    });
    const { roundTrips, connections } = proxy;
    await processor.insert([{ id: 1, v: 'one', tags: [], at: new Date(0) }]);
    await processor.shutdown();
    expect(await target.rows('id, v')).toEqual([{ id: 1, v: 'one' }]);
    expect({ roundTrips, connections }).toEqual({ roundTrips: 3, connections: 1 });
  });
});
