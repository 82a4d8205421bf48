import v8 from 'node:v8';
import vm from 'node:vm';
import { BulkProcessor } from '../src/bulk-processor.ts';
import { withClient } from './loads.ts';
import { median } from './statistics.ts';

/** What a file costs early and late in a long task; the bookkeeping must not grow with the files behind it. */
export interface FilesBench {
  readonly files: number;
  /** Medians over a hundred files, staging and import of one record each included. */
  readonly msPerFileFirst: number;
  readonly msPerFileLast: number;
  /** Last ÷ first: 1 is a task that never slows down. */
  readonly lastToFirst: number;
  /** Live heap, garbage collected, after a tenth of the files and after all. */
  readonly heapMBAtTenth: number;
  readonly heapMBAtEnd: number;
}

/** Connections and compiled code settle within these files. */
const WARM_UP = 20;
const SAMPLE = 100;

/** One task of many files with one record each, one file to an import. */
export async function benchFiles(databaseUrl: string, files = 10_000): Promise<FilesBench> {
  await withClient(databaseUrl, async (client) => {
    await client.query('drop table if exists bench');
    await client.query('create table bench (id int, v text)');
  });
  await using processor = await BulkProcessor.create({
    postgresql: { connectionString: databaseUrl, table: 'bench' },
    batchSize: 1,
    batchImportSize: 1,
    concurrency: 1,
  });
  const collect = garbageCollector();
  const milliseconds: number[] = [];
  let heapMBAtTenth = Number.NaN;
  let before = performance.now();
  processor.on('imported', ({ fileIds }) => {
    const now = performance.now();
    milliseconds.push((now - before) / fileIds.length);
    if (milliseconds.length === files / 10) heapMBAtTenth = heapMB(collect);
    before = performance.now();
  });
  for (let id = 0; id < files; id++) await processor.insert([{ id, v: `value ${id}` }]);
  await processor.flush();
  const heapMBAtEnd = heapMB(collect);
  await processor.shutdown();
  if (milliseconds.length !== files)
    throw new Error(`expected ${files} imports, got ${milliseconds.length}`);
  const msPerFileFirst = median(milliseconds.slice(WARM_UP, WARM_UP + SAMPLE));
  const msPerFileLast = median(milliseconds.slice(-SAMPLE));
  const lastToFirst = msPerFileLast / msPerFileFirst;
  return { files, msPerFileFirst, msPerFileLast, lastToFirst, heapMBAtTenth, heapMBAtEnd };
}

function heapMB(collect: () => void): number {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}

/** The engine's own, without asking for a flag on the command line. */
function garbageCollector(): () => void {
  v8.setFlagsFromString('--expose-gc');
  return vm.runInNewContext('gc') as () => void;
}
