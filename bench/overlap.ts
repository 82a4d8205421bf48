import { BulkProcessor } from '../src/bulk-processor.ts';
import { withClient } from './loads.ts';
import { benchRecords, DEFINITION } from './records.ts';

export interface OverlapBench {
  /** Encoding and uploading alone: imports were held back by a lock on the table. */
  readonly stagingSeconds: number;
  /** Importing alone: everything was staged before. */
  readonly importingSeconds: number;
  /** The same load undisturbed. */
  readonly wholeSeconds: number;
  /** Whole ÷ the slower half: 1 is perfect overlap. */
  readonly wholeToSlowerHalf: number;
}

/** How much of the shorter half of a load hides behind the longer one. */
export async function benchOverlap(databaseUrl: string, count: number): Promise<OverlapBench> {
  const records = benchRecords(count);
  const begin = async () => {
    await withClient(databaseUrl, async (client) => {
      await client.query('drop table if exists bench');
      await client.query(`create table bench (${DEFINITION}, primary key (id))`);
      await client.query('checkpoint');
    });
    return BulkProcessor.create({
      postgresql: { connectionString: databaseUrl, table: 'bench' },
      concurrency: 2,
      onConflict: 'error',
      fileWriteTimeoutSeconds: 3600,
    });
  };
  const { stagingSeconds, importingSeconds } = await halves(databaseUrl, await begin(), records);
  const processor = await begin();
  const started = performance.now();
  await processor.insert(records);
  await processor.flush();
  const wholeSeconds = (performance.now() - started) / 1000;
  await processor.shutdown();
  const wholeToSlowerHalf = wholeSeconds / Math.max(stagingSeconds, importingSeconds);
  return { stagingSeconds, importingSeconds, wholeSeconds, wholeToSlowerHalf };
}

async function halves(
  databaseUrl: string,
  processor: BulkProcessor,
  records: readonly object[],
): Promise<{ stagingSeconds: number; importingSeconds: number }> {
  return withClient(databaseUrl, async (client) => {
    await client.query('begin');
    await client.query('lock table bench in access exclusive mode');
    const started = performance.now();
    let frozen = 0;
    const allFrozen = new Promise<void>((resolve) => {
      processor.on('fileFrozen', (file) => {
        frozen += file.records;
        if (frozen === records.length) resolve();
      });
    });
    await processor.insert(records);
    const flushed = processor.flush();
    await allFrozen;
    const staged = performance.now();
    await client.query('commit');
    await flushed;
    const imported = performance.now();
    await processor.shutdown();
    return {
      stagingSeconds: (staged - started) / 1000,
      importingSeconds: (imported - staged) / 1000,
    };
  });
}
