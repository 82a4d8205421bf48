/** `make bench`: prints tables and writes bench/results/<time>.json. Ratios travel between machines, rates do not. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { benchEncoder } from './encoder.ts';
import { benchFileLoads } from './file-loads.ts';
import { benchFiles } from './files.ts';
import { benchHugeTarget } from './huge-target.ts';
import { benchLoads, emptyTable } from './loads.ts';
import { benchMigration } from './migration.ts';
import { benchOverlap } from './overlap.ts';
import { benchRouting } from './routing.ts';
import { saturation } from './saturation.ts';
import { startServers } from './servers.ts';

const RECORDS = Number(process.env.BENCH_RECORDS ?? 2_000_000);
const MIGRATED_ROWS = Number(process.env.BENCH_MIGRATED_ROWS ?? 1_000_000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
/** Rows of the table that is upserted into, for example 10000000, which takes minutes to fill; none unless set. */
const TARGET_ROWS = Number(process.env.BENCH_TARGET_ROWS ?? 0);
const MEMORY_RECORDS = (process.env.BENCH_MEMORY_RECORDS ?? '2000000,10000000')
  .split(',')
  .map(Number);

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const run = promisify(execFile);

const machine = {
  cpu: os.cpus()[0]?.model ?? 'unknown',
  cores: os.cpus().length,
  memoryBytes: os.totalmem(),
  node: process.version,
  loadAverage: os.loadavg()[0],
};
console.log(
  `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${machine.loadAverage?.toFixed(1)}`,
);

const encoder = await benchEncoder();
console.table(encoder);

const servers = await startServers();
try {
  const loads = await benchLoads(servers, RECORDS, ROUNDS);
  console.table(loads);
  const saturated = saturation(loads);
  console.table(saturated);
  const fileLoads = await benchFileLoads(servers.databaseUrl, RECORDS, ROUNDS);
  console.table(fileLoads);
  const overlap = await benchOverlap(servers.databaseUrl, RECORDS, ROUNDS);
  console.table(overlap);
  const files = await benchFiles(servers.databaseUrl);
  console.table([files]);
  const routing = await benchRouting(servers.databaseUrl, RECORDS, ROUNDS);
  console.table(routing);
  const migration = await benchMigration(servers.databaseUrl, MIGRATED_ROWS, ROUNDS);
  console.table(migration);
  const huge = { servers, targetRows: TARGET_ROWS, records: RECORDS / 10, rounds: ROUNDS };
  const hugeTarget = TARGET_ROWS > 0 ? await benchHugeTarget(huge) : [];
  if (hugeTarget.length > 0) console.table(hugeTarget);
  const memory = [];
  for (const records of MEMORY_RECORDS) memory.push(await peakMemory(servers.databaseUrl, records));
  console.table(memory);
  const folder = new URL('../../../bench/results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const file = new URL(`${new Date().toISOString().replaceAll(':', '')}.json`, folder);
  const result = {
    at: new Date().toISOString(),
    machine,
    records: RECORDS,
    rounds: ROUNDS,
    encoder,
    loads,
    saturation: saturated,
    fileLoads,
    overlap,
    files,
    routing,
    migration,
    hugeTarget,
    memory,
  };
  await writeFile(file, `${JSON.stringify(result, undefined, 2)}\n`);
  console.log(fileURLToPath(file));
} finally {
  await servers.stop();
}

async function peakMemory(
  databaseUrl: string,
  records: number,
): Promise<{ records: number; peakMB: number }> {
  await emptyTable(databaseUrl, false);
  const child = fileURLToPath(new URL('./memory.js', import.meta.url));
  const { stdout } = await run(process.execPath, [child, databaseUrl, String(records)]);
  const { peakBytes } = JSON.parse(stdout) as { peakBytes: number };
  return { records, peakMB: Math.round(peakBytes / 1e6) };
}
