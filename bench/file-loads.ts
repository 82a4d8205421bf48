import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { emptyTable, expectCount } from './loads.ts';
import { benchStream, COLUMNS } from './records.ts';
import { median } from './statistics.ts';

export interface FileLoadRow {
  readonly load: string;
  readonly contender: string;
  /** Median over the rounds; the start of the process included. */
  readonly recordsPerSecond: number;
  /** How many times as fast as `psql \copy`: the median of the rounds' own ratios. */
  readonly versusPsql: number;
}

interface FileLoad {
  readonly databaseUrl: string;
  readonly csv: string;
  readonly ndjson: string;
}

type Contender = (load: FileLoad) => readonly [program: string, ...args: readonly string[]];

const CLI = fileURLToPath(new URL('../../../dist/bundle/cli/main.cjs', import.meta.url));
const PSQL = 'psql \\copy, CSV';

const relyt =
  (file: 'csv' | 'ndjson', engine: string): Contender =>
  (load) => {
    const flags = ['--table', 'bench', '--engine', engine, '--concurrency', '2', '--quiet'];
    const rest = ['--on-conflict', 'error', '--database-url', load.databaseUrl];
    return [process.execPath, CLI, 'load', load[file], ...flags, ...rest];
  };

const CONTENDERS: Readonly<Record<string, Contender>> = {
  [PSQL]: ({ databaseUrl, csv }) => {
    const copy = `\\copy bench (${COLUMNS.join(', ')}) from '${csv}' (format csv, header)`;
    return ['psql', '--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1', '-c', copy, databaseUrl];
  },
  'relyt load, CSV, direct': relyt('csv', 'direct'),
  'relyt load, CSV, copy': relyt('csv', 'copy'),
  'relyt load, CSV, postgres': relyt('csv', 'postgres'),
  'relyt load, NDJSON, direct': relyt('ndjson', 'direct'),
};

/** Files by every contender, each a process of its own, interleaved. None when there is no psql to compare with. */
export async function benchFileLoads(
  databaseUrl: string,
  count: number,
  rounds: number,
): Promise<FileLoadRow[]> {
  if (spawnSync('psql', ['--version']).error !== undefined) {
    console.log('left out: loads of files, because there is no psql to compare with');
    return [];
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'relyt-bench-'));
  try {
    const load = {
      databaseUrl,
      csv: path.join(folder, 'bench.csv'),
      ndjson: path.join(folder, 'bench.ndjson'),
    };
    await write(load.csv, csvLines(count));
    await write(load.ndjson, jsonLines(count));
    return [
      ...(await benchKind({ load, count, rounds, name: 'no key', key: false })),
      ...(await benchKind({ load, count, rounds, name: 'key, error', key: true })),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface FileKind {
  readonly load: FileLoad;
  readonly count: number;
  readonly rounds: number;
  readonly name: string;
  readonly key: boolean;
}

async function benchKind({ load, count, rounds, name, key }: FileKind): Promise<FileLoadRow[]> {
  const measured = new Map(Object.keys(CONTENDERS).map((one) => [one, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const [contender, command] of Object.entries(CONTENDERS)) {
      await emptyTable(load.databaseUrl, key);
      const started = performance.now();
      await run(command(load));
      measured.get(contender)?.push((performance.now() - started) / 1000);
      await expectCount(load.databaseUrl, count);
    }
  }
  const psql = measured.get(PSQL) ?? [];
  return Array.from(measured, ([contender, seconds]) => ({
    load: name,
    contender,
    recordsPerSecond: Math.round(count / median(seconds)),
    versusPsql: Number(
      median(seconds.map((one, round) => (psql[round] ?? Number.NaN) / one)).toFixed(2),
    ),
  }));
}

async function run([program, ...args]: readonly string[]): Promise<void> {
  const child = spawn(program ?? '', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
}

async function write(file: string, lines: Iterable<string>): Promise<void> {
  await pipeline(Readable.from(chunks(lines)), createWriteStream(file));
}

function* chunks(lines: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length < 65_536) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

function* csvLines(count: number): Generator<string> {
  yield `${COLUMNS.join(',')}\n`;
  for (const { id, group_id, ext, created_at, score } of benchStream(count))
    yield `${id},${group_id},${ext},${created_at.toISOString()},${score}\n`;
}

function* jsonLines(count: number): Generator<string> {
  for (const record of benchStream(count)) yield `${JSON.stringify(record)}\n`;
}
