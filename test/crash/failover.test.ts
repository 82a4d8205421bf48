// G1 when the database goes back in time: a standby that lacks the newest commits takes over. The loader never reports
// success over missing rows, and a resume repairs the task.

import { describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../src/bulk-processor.ts';
import type { EngineName } from '../../src/engines/profiles.ts';
import { armFailpoint } from '../../src/failpoints.ts';
import { failureOf, type LoadOptions } from '../support/loading.ts';
import { StandbyPair } from './standby-pair.ts';

const KEPT = 40;
const LOST = 60;

const records = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => ({ id: from + n + 1, v: `v${from + n + 1}` }));

const ENGINES: readonly EngineName[] = ['postgres', 'copy', 'direct'];

function optionsFor(pair: StandbyPair, engine: EngineName): LoadOptions {
  return { url: pair.url, engine, batchSize: 10, batchImportSize: 1, leaseSeconds: 5 };
}

async function insertAll(processor: BulkProcessor, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += 10)
    await processor.insert(records(first, first + 10), { position: first + 10 });
}

/** A load of which the standby has `KEPT` records, and the primary `LOST`. */
async function loadedAhead(pair: StandbyPair, engine: EngineName): Promise<BulkProcessor> {
  const target = await pair.makeTarget('id int, v text');
  const processor = await target.open(optionsFor(pair, engine));
  await insertAll(processor, 0, KEPT);
  await processor.flush();
  await pair.cutOff();
  await insertAll(processor, KEPT, LOST);
  return processor;
}

/** Goes on as an application would: from the stored position. Every record is there once, and the counts add up. */
async function expectRepaired(pair: StandbyPair, engine: EngineName, processId: string) {
  const target = pair.target();
  expect(await target.checkpoint(processId)).toMatchObject({
    status: 'FAILED',
    error_message: expect.stringContaining('is not there any more'),
  });
  const config = target.config(optionsFor(pair, engine));
  await using processor = await BulkProcessor.resume(processId, config);
  const position = Number(processor.position);
  expect(position).toBe(KEPT);
  await insertAll(processor, position, 100);
  await processor.shutdown();
  expect(await target.rows('id, v', 'id')).toEqual(records(0, 100));
  const sums = `select sum(num_records)::int as records, sum(rows_inserted)::int as inserted
    from relyt_sys.relyt_loader_import where process_id = $1`;
  expect(await target.database.query(sums, [processId])).toEqual([{ records: 100, inserted: 100 }]);
  expect(await target.checkpoint(processId)).toMatchObject({ status: 'COMPLETED' });
}

describe.each(ENGINES)(
  'a standby without the newest commits takes over, engine %s (G1)',
  (engine) => {
    test('during a load', async () => {
      await using pair = await StandbyPair.start();
      await using processor = await loadedAhead(pair, engine);
      await processor.flush();
      await pair.failOver();
      const failed = insertAll(processor, LOST, 1_000_000);
      expect(await failureOf(failed)).toMatchObject({ code: 'DATABASE_WENT_BACK' });
      await processor.abort();
      await expectRepaired(pair, engine, processor.processId);
    });

    test('while the load is idle, before its end', async () => {
      await using pair = await StandbyPair.start();
      await using processor = await loadedAhead(pair, engine);
      await processor.flush();
      await pair.failOver();
      const failure = await failureOf(processor.shutdown());
      expect(failure).toMatchObject({
        code: 'DATABASE_WENT_BACK',
        message: expect.stringContaining('4 of 6 files'),
      });
      await expectRepaired(pair, engine, processor.processId);
    });

    test('during a flush, after its last import', async () => {
      await using pair = await StandbyPair.start();
      await using processor = await loadedAhead(pair, engine);
      const imported = new Promise<void>((resolve) => {
        processor.on('imported', () => {
          if (processor.progress().imported === LOST) resolve();
        });
      });
      let failedOver: Promise<void> | undefined;
      const disarm = armFailpoint('before-summary', async () => {
        if (processor.progress().imported < LOST) return;
        failedOver ??= pair.failOver();
        await failedOver;
      });
      try {
        const flushed = failureOf(processor.flush());
        await imported;
        expect(await flushed).toMatchObject({ code: 'DATABASE_WENT_BACK' });
      } finally {
        disarm();
      }
      await expectRepaired(pair, engine, processor.processId);
    });
  },
);
