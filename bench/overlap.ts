import os from 'node:os';
import { BulkProcessor } from '../src/bulk-processor.ts';
import { emptyTable, withClient } from './loads.ts';
import { benchRecords } from './records.ts';
import { median } from './statistics.ts';

export interface OverlapRow {
  /** Imports at a time. */
  readonly concurrency: number;
  /** Encoding and uploading alone: imports were held back by a lock on the table. */
  readonly stagingSeconds: number;
  /** Importing alone: everything was staged before. */
  readonly importingSeconds: number;
  /** The same load undisturbed. */
  readonly wholeSeconds: number;
  /** Whole ÷ the slower half: 1 is perfect overlap. */
  readonly wholeToSlowerHalf: number;
  /** Cores that worked, on average, while importing alone and in the whole: no overlap beyond those there are. */
  readonly coresImporting: number;
  readonly coresWhole: number;
}

/** How much of the shorter half of a load hides behind the longer one: medians of the rounds. */
export async function benchOverlap(
  databaseUrl: string,
  count: number,
  rounds: number,
): Promise<OverlapRow[]> {
  const records = benchRecords(count);
  const rows: OverlapRow[] = [];
  for (const concurrency of [1, 2]) {
    const measured: Omit<OverlapRow, 'concurrency'>[] = [];
    for (let round = 0; round < rounds; round++) {
      measured.push(await once(databaseUrl, records, concurrency));
    }
    const of = (name: keyof Omit<OverlapRow, 'concurrency'>) =>
      Number(median(measured.map((one) => one[name])).toFixed(2));
    rows.push({
      concurrency,
      stagingSeconds: of('stagingSeconds'),
      importingSeconds: of('importingSeconds'),
      wholeSeconds: of('wholeSeconds'),
      wholeToSlowerHalf: of('wholeToSlowerHalf'),
      coresImporting: of('coresImporting'),
      coresWhole: of('coresWhole'),
    });
  }
  return rows;
}

async function once(
  databaseUrl: string,
  records: readonly object[],
  concurrency: number,
): Promise<Omit<OverlapRow, 'concurrency'>> {
  const { staging, importing } = await halves(
    databaseUrl,
    await begin(databaseUrl, concurrency),
    records,
  );
  await using processor = await begin(databaseUrl, concurrency);
  const stop = startWatch();
  await processor.insert(records);
  await processor.flush();
  const whole = stop();
  await processor.shutdown();
  return {
    stagingSeconds: staging.seconds,
    importingSeconds: importing.seconds,
    wholeSeconds: whole.seconds,
    wholeToSlowerHalf: whole.seconds / Math.max(staging.seconds, importing.seconds),
    coresImporting: importing.cores,
    coresWhole: whole.cores,
  };
}

async function begin(databaseUrl: string, concurrency: number): Promise<BulkProcessor> {
  await emptyTable(databaseUrl, true);
  return BulkProcessor.create({
    postgresql: { connectionString: databaseUrl, table: 'bench' },
    concurrency,
    onConflict: 'error',
    fileWriteTimeoutSeconds: 3600,
  });
}

interface Lap {
  readonly seconds: number;
  /** Of the whole machine: loader, database and S3 server share it. */
  readonly cores: number;
}

function startWatch(): () => Lap {
  const started = performance.now();
  const busy = busySeconds();
  return () => {
    const seconds = (performance.now() - started) / 1000;
    return { seconds, cores: (busySeconds() - busy) / seconds };
  };
}

function busySeconds(): number {
  const busy = os.cpus().reduce((sum, { times }) => sum + times.user + times.sys + times.nice, 0);
  return busy / 1000;
}

async function halves(
  databaseUrl: string,
  processor: BulkProcessor,
  records: readonly object[],
): Promise<{ staging: Lap; importing: Lap }> {
  return withClient(databaseUrl, async (client) => {
    await client.query('begin');
    await client.query('lock table bench in access exclusive mode');
    const stopStaging = startWatch();
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
    const staging = stopStaging();
    const stopImporting = startWatch();
    await client.query('commit');
    await flushed;
    const importing = stopImporting();
    await processor.shutdown();
    return { staging, importing };
  });
}
