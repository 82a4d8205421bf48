import pg from 'pg';
import {
  type Contender,
  copyStream,
  handWrittenCopy,
  type LoadCase,
  multiRowInsert,
  relyt,
} from './contenders.ts';
import { type BenchRecord, benchRecords, DEFINITION } from './records.ts';
import { median } from './statistics.ts';

export interface LoadRow {
  readonly load: string;
  readonly contender: string;
  /** Median over the rounds. */
  readonly recordsPerSecond: number;
  /** How many times as fast as csv-stringify + COPY: the median of the rounds' own ratios. */
  readonly versusCopy: number;
}

interface LoadKind {
  readonly name: string;
  readonly key: boolean;
  readonly onConflict: 'update' | 'error';
  /** Half of the records are in the table before. */
  readonly prefilled: boolean;
}

const KINDS: readonly LoadKind[] = [
  { name: 'table without a key', key: false, onConflict: 'error', prefilled: false },
  { name: "keyed table, onConflict 'error'", key: true, onConflict: 'error', prefilled: false },
  {
    name: "keyed table, onConflict 'update', all new",
    key: true,
    onConflict: 'update',
    prefilled: false,
  },
  { name: 'upsert, half of the rows exist', key: true, onConflict: 'update', prefilled: true },
];

const CONTENDERS: Readonly<Record<string, Contender>> = {
  'relyt-sdk': relyt,
  'csv-stringify + COPY': copyStream,
  'hand-written CSV + COPY': handWrittenCopy,
  'INSERT of 1000 rows': multiRowInsert,
};

/** Every kind of load by every contender, interleaved, so that a slow minute of the machine hits all alike. */
export async function benchLoads(
  databaseUrl: string,
  count: number,
  rounds: number,
): Promise<LoadRow[]> {
  const records = benchRecords(count);
  const rows: LoadRow[] = [];
  for (const kind of KINDS) {
    const seconds = new Map(Object.keys(CONTENDERS).map((name) => [name, [] as number[]]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, contender] of Object.entries(CONTENDERS)) {
        const load = { databaseUrl, table: 'bench', records, onConflict: kind.onConflict };
        await prepare(kind, load, records);
        const started = performance.now();
        await contender(load);
        seconds.get(name)?.push((performance.now() - started) / 1000);
        await check(load);
      }
    }
    rows.push(...rowsOf(kind, count, seconds));
  }
  return rows;
}

function rowsOf(
  kind: LoadKind,
  count: number,
  seconds: ReadonlyMap<string, readonly number[]>,
): LoadRow[] {
  const copy = seconds.get('csv-stringify + COPY') ?? [];
  return Array.from(seconds, ([contender, times]) => ({
    load: kind.name,
    contender,
    recordsPerSecond: Math.round(count / median(times)),
    versusCopy: median(times.map((time, round) => (copy[round] ?? Number.NaN) / time)),
  }));
}

async function prepare(
  kind: LoadKind,
  load: LoadCase,
  records: readonly BenchRecord[],
): Promise<void> {
  await withClient(load.databaseUrl, async (client) => {
    await client.query('drop table if exists bench');
    await client.query(`create table bench (${DEFINITION}${kind.key ? ', primary key (id)' : ''})`);
  });
  if (kind.prefilled) {
    await copyStream({
      ...load,
      records: records.filter((record) => record.id % 2 === 0),
      onConflict: 'error',
    });
  }
  await withClient(load.databaseUrl, (client) => client.query('checkpoint'));
}

/** A contender that loses rows is not fast. */
async function check(load: LoadCase): Promise<void> {
  await withClient(load.databaseUrl, async (client) => {
    const { rows } = await client.query('select count(*)::int as count from bench');
    if (rows[0]?.count !== load.records.length)
      throw new Error(`expected ${load.records.length} rows, got ${rows[0]?.count}`);
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
