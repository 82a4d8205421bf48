// G1 when a crash empties one of the two tables of a routed target, because it is unlogged. The loader notices, and what the
// error says to do loads every record exactly once.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { abortTask } from '../../src/administration.ts';
import { BulkProcessor } from '../../src/bulk-processor.ts';
import {
  asRows,
  makeRouted,
  type RoutedTarget,
  tens,
} from '../integration/routing/routed-target.ts';
import { failureOf, type LoadOptions, s3Config } from '../support/loading.ts';
import { OwnServers } from './own-servers.ts';

let servers: OwnServers;
beforeAll(async () => {
  servers = await OwnServers.start();
});
afterAll(() => servers[Symbol.asyncDispose]());

const KEYED = 'id int primary key, group_id int, v text';
const PLAIN = 'id int, group_id int, v text';
const SIDES = ['main', 'auxiliary'] as const;

const options = (): LoadOptions => ({
  ...{ engine: 'copy', s3: s3Config(servers.s3), leaseSeconds: 5 },
  ...{ batchSize: 10, batchImportSize: 1 },
});

async function partlyUnlogged(columns: string, side: (typeof SIDES)[number]) {
  const routed = await makeRouted(servers.makeTarget, columns, { groups: [7] });
  const name = side === 'main' ? routed.target.sql : routed.auxiliary;
  await routed.query(`alter table ${name} set unlogged`);
  return routed;
}

async function insertAll(processor: BulkProcessor, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += 10)
    await processor.insert(tens(10, 'first', first), { position: first + 10 });
}

async function loaded(routed: RoutedTarget): Promise<BulkProcessor> {
  const processor = await routed.target.open(options());
  await insertAll(processor, 0, 30);
  await processor.flush();
  return processor;
}

async function crash(): Promise<void> {
  await servers.crashDatabase();
  await servers.restartDatabase();
}

const EMPTIED = {
  code: 'DATABASE_WENT_BACK',
  message: expect.stringContaining('unlogged or has a part that is'),
};

async function expectRepaired(routed: RoutedTarget, processId: string): Promise<void> {
  await using resumed = await BulkProcessor.resume(processId, routed.target.config(options()));
  await insertAll(resumed, Number(resumed.position), 60);
  await resumed.shutdown();
  await routed.expectRows(asRows(tens(60)));
  const { inserted, updated } = await routed.counts(processId);
  expect(inserted + updated).toBe(60);
  expect(await routed.target.checkpoint(processId)).toMatchObject({ status: 'COMPLETED' });
}

describe.each(SIDES)(
  'a routed target of which the %s table is unlogged, in a crash (G1)',
  (side) => {
    test('between two imports', async () => {
      const routed = await partlyUnlogged(KEYED, side);
      await using processor = await loaded(routed);
      await crash();
      const failed = insertAll(processor, 30, 60).then(() => processor.flush());
      expect(await failureOf(failed)).toMatchObject(EMPTIED);
      await processor.abort();
      await expectRepaired(routed, processor.processId);
    });

    test('before the load ends', async () => {
      const routed = await partlyUnlogged(KEYED, side);
      await using processor = await loaded(routed);
      await crash();
      expect(await failureOf(processor.shutdown())).toMatchObject(EMPTIED);
      await expectRepaired(routed, processor.processId);
    });

    test('between a failure and the resume', async () => {
      const routed = await partlyUnlogged(KEYED, side);
      await using processor = await loaded(routed);
      await processor.suspend('for this test');
      await crash();
      await expectRepaired(routed, processor.processId);
    });

    test('without a key: none is doubled, and the hint works (G8)', async () => {
      const routed = await partlyUnlogged(PLAIN, side);
      await using processor = await loaded(routed);
      const { processId } = processor;
      await crash();
      expect(await failureOf(processor.shutdown())).toMatchObject(EMPTIED);
      const resumed = BulkProcessor.resume(processId, routed.target.config(options()));
      expect(await failureOf(resumed)).toMatchObject({
        code: 'DATABASE_WENT_BACK',
        hint: expect.stringMatching(/delete those of this task, abort it .* load the source again/),
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
