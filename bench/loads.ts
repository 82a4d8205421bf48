import pg from 'pg';
import {
  binaryCopy,
  type Contender,
  copyStream,
  handWrittenCopy,
  type LoadCase,
  multiRowInsert,
  relytBy,
  unnestInsert,
} from './contenders.ts';
import { type CpuSeconds, cpuBetween, cpuSeconds } from './cpu.ts';
import { type BenchRecord, benchStream, DEFINITION } from './records.ts';
import type { BenchServers } from './servers.ts';
import { median } from './statistics.ts';

export interface LoadRow {
  readonly load: string;
  readonly contender: string;
  /** Median over the rounds. */
  readonly recordsPerSecond: number;
  /** How many times as fast as the hand-tuned COPY: the median of the rounds' own ratios. */
  readonly versusTuned: number;
  /** CPU seconds per million records, medians; undefined where the system does not tell. */
  readonly loaderCpu: number | undefined;
  readonly databaseCpu: number | undefined;
  readonly s3Cpu: number | undefined;
}

interface LoadKind {
  readonly name: string;
  readonly key: boolean;
  readonly onConflict: 'update' | 'error';
  /** Which of the records are in the table before. */
  readonly isThere?: (record: BenchRecord) => boolean;
}

const KINDS: readonly LoadKind[] = [
  { name: 'no key', key: false, onConflict: 'error' },
  { name: 'key, error', key: true, onConflict: 'error' },
  { name: 'upsert, all new', key: true, onConflict: 'update' },
  {
    name: 'upsert, half exist',
    key: true,
    onConflict: 'update',
    isThere: ({ id }) => id % 2 === 0,
  },
  { name: 'upsert, all exist', key: true, onConflict: 'update', isThere: () => true },
];

const TUNED = 'COPY tuned by hand';

const CONTENDERS: Readonly<Record<string, Contender>> = {
  'relyt-sdk, postgres': relytBy('postgres'),
  'relyt-sdk, copy': relytBy('copy'),
  'relyt-sdk, direct': relytBy('direct'),
  [TUNED]: handWrittenCopy,
  'pg-copy-streams-binary': binaryCopy,
  'csv-stringify + COPY': copyStream,
  'UNNEST of 1000 rows': unnestInsert,
  'INSERT of 1000 rows': multiRowInsert,
};

interface Measured {
  readonly seconds: number;
  readonly cpu: CpuSeconds | undefined;
}

/** Every kind of load by every contender, interleaved, so that a slow minute of the machine hits all alike. */
export async function benchLoads(
  servers: BenchServers,
  count: number,
  rounds: number,
): Promise<LoadRow[]> {
  const rows: LoadRow[] = [];
  for (const kind of KINDS) {
    const measured = new Map(Object.keys(CONTENDERS).map((name) => [name, [] as Measured[]]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, contender] of Object.entries(CONTENDERS)) {
        await prepare(kind, servers.databaseUrl, count);
        measured.get(name)?.push(await measure(kind, contender, { servers, count }));
      }
    }
    rows.push(...rowsOf(kind, count, measured));
  }
  return rows;
}

async function measure(
  { onConflict }: LoadKind,
  contender: Contender,
  { servers, count }: { readonly servers: BenchServers; readonly count: number },
): Promise<Measured> {
  const { databaseUrl, processId } = servers;
  const load: LoadCase = { databaseUrl, table: 'bench', records: benchStream(count), onConflict };
  const before = cpuSeconds(processId);
  const started = performance.now();
  await contender(load);
  const seconds = (performance.now() - started) / 1000;
  const cpu = cpuBetween(before, cpuSeconds(processId));
  await expectCount(databaseUrl, count);
  return { seconds, cpu };
}

function rowsOf(
  kind: LoadKind,
  count: number,
  measured: ReadonlyMap<string, readonly Measured[]>,
): LoadRow[] {
  const tuned = measured.get(TUNED) ?? [];
  const perMillion = (of: readonly Measured[], part: keyof CpuSeconds) => {
    const known = of.flatMap(({ cpu }) => (cpu === undefined ? [] : [cpu[part]]));
    return known.length === 0 ? undefined : rounded((median(known) * 1e6) / count);
  };
  return Array.from(measured, ([contender, of]) => ({
    load: kind.name,
    contender,
    recordsPerSecond: Math.round(count / median(of.map(({ seconds }) => seconds))),
    versusTuned: rounded(
      median(of.map(({ seconds }, round) => (tuned[round]?.seconds ?? Number.NaN) / seconds)),
    ),
    loaderCpu: perMillion(of, 'loader'),
    databaseCpu: perMillion(of, 'database'),
    s3Cpu: perMillion(of, 's3'),
  }));
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}

async function prepare(
  { key, isThere }: LoadKind,
  databaseUrl: string,
  count: number,
): Promise<void> {
  await emptyTable(databaseUrl, key);
  if (isThere === undefined) return;
  const records = only(benchStream(count), isThere);
  await handWrittenCopy({ databaseUrl, table: 'bench', records, onConflict: 'error' });
  await withClient(databaseUrl, (client) => client.query('checkpoint'));
}

function* only(records: Iterable<BenchRecord>, isThere: (record: BenchRecord) => boolean) {
  for (const record of records) if (isThere(record)) yield record;
}

/** A contender that loses rows is not fast. */
export async function expectCount(databaseUrl: string, expected: number): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query('select count(*)::int as count from bench');
    if (rows[0]?.count !== expected)
      throw new Error(`expected ${expected} rows, got ${rows[0]?.count}`);
  });
}

export async function emptyTable(databaseUrl: string, key: boolean): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query('drop table if exists bench');
    await client.query(`create table bench (${DEFINITION}${key ? ', primary key (id)' : ''})`);
    await client.query('checkpoint');
  });
}

export async function withClient<T>(
  databaseUrl: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
