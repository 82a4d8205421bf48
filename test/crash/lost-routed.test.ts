// G1 when a crash empties one of the two tables of a routed target, because it is unlogged. The loader notices, and what the
// error says to do loads every record exactly once.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { abortTask } from '../../src/administration.ts';
import { BulkProcessor } from '../../src/bulk-processor.ts';
import { asRows, makeRouted, type Side, tens } from '../integration/routing/routed-target.ts';
import {
  finish,
  halfLoaded,
  insertTens,
  KEYED,
  PLAIN,
} from '../integration/routing/sixty-records.ts';
import { failureOf, type LoadOptions, s3Config } from '../support/loading.ts';
import { OwnServers } from './own-servers.ts';

let servers: OwnServers;
beforeAll(async () => {
  servers = await OwnServers.start();
});
afterAll(() => servers[Symbol.asyncDispose]());

const SIDES: readonly Side[] = ['main', 'auxiliary'];

const options = (): LoadOptions => ({
  ...{ engine: 'copy', s3: s3Config(servers.s3), leaseSeconds: 5 },
  ...{ batchSize: 10, batchImportSize: 1 },
});

async function partlyUnlogged(columns: string, side: Side) {
  const routed = await makeRouted(servers.makeTarget, columns, { groups: [7] });
  await routed.query(`alter table ${routed.tableOf(side)} set unlogged`);
  return routed;
}

async function crash(): Promise<void> {
  await servers.crashDatabase();
  await servers.restartDatabase();
}

const EMPTIED = {
  code: 'DATABASE_WENT_BACK',
  message: expect.stringContaining('unlogged or has a part that is'),
};

describe.each(SIDES)(
  'a routed target of which the %s table is unlogged, in a crash (G1)',
  (side) => {
    test('between two imports', async () => {
      const routed = await partlyUnlogged(KEYED, side);
      await using processor = await halfLoaded(routed, options());
      await crash();
      const failed = insertTens(processor, 30, 60).then(() => processor.flush());
      expect(await failureOf(failed)).toMatchObject(EMPTIED);
      await processor.abort();
      await finish(routed, processor.processId, options());
    });

    test('before the load ends', async () => {
      const routed = await partlyUnlogged(KEYED, side);
      await using processor = await halfLoaded(routed, options());
      await crash();
      expect(await failureOf(processor.shutdown())).toMatchObject(EMPTIED);
      await finish(routed, processor.processId, options());
    });

    test('between a failure and the resume', async () => {
      const routed = await partlyUnlogged(KEYED, side);
      await using processor = await halfLoaded(routed, options());
      await processor.suspend('for this test');
      await crash();
      await finish(routed, processor.processId, options());
    });

    test('without a key: none is doubled, and the hint works (G8)', async () => {
      const routed = await partlyUnlogged(PLAIN, side);
      await using processor = await halfLoaded(routed, options());
      const { processId } = processor;
      await crash();
      expect(await failureOf(processor.shutdown())).toMatchObject(EMPTIED);
      const resumed = BulkProcessor.resume(processId, routed.target.config(options()));
      expect(await failureOf(resumed)).toMatchObject({
        code: 'DATABASE_WENT_BACK',
        hint: expect.stringMatching(
          /Delete the rows of this task, abort it .* load the source again/,
        ),
      });
      for (const table of [routed.target.sql, routed.auxiliary])
        await routed.query(`delete from ${table}`);
      const { url: connectionString } = routed.target.database;
      const { s3 } = routed.target.config(options());
      await abortTask({ postgresql: { connectionString }, ...(s3 && { s3 }) }, processId);
      await routed.target.load(tens(60), options());
      await routed.expectRows(asRows(tens(60)));
    });
  },
);
