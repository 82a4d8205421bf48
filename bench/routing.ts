import { BulkProcessor } from '../src/bulk-processor.ts';
import { withClient } from './loads.ts';
import { dropTables } from './migration.ts';
import { type BenchRecord, benchRecords, DEFINITION } from './records.ts';
import { median } from './statistics.ts';

const GROUPS = 10_000;
/** Most that routing may cost: a load with it takes at most so many times as long as one without. */
export const ROUTING_BOUND = 1.3;

export interface RoutingRow {
  readonly table: 'keyed' | 'without a key';
  /** Records whose group lives in the auxiliary table, in percent. */
  readonly routedPercent: number;
  readonly recordsPerSecond: number;
  /** Time ÷ time of the same load without a routing table: the median of the rounds' own ratios. */
  readonly versusUnrouted: number;
}

interface Load {
  readonly databaseUrl: string;
  readonly records: readonly BenchRecord[];
  readonly keyed: boolean;
  /** Undefined for a table without a routing table. */
  readonly routedPercent: number | undefined;
}

/** Loads with 10,000 groups, some of them routed, against the same loads into one table; interleaved. */
export async function benchRouting(
  databaseUrl: string,
  count: number,
  rounds: number,
): Promise<RoutingRow[]> {
  const records = benchRecords(count).map((record) => ({
    ...record,
    group_id: record.id % GROUPS,
  }));
  const rows: RoutingRow[] = [];
  for (const keyed of [false, true]) {
    const seconds = new Map([undefined, 1, 50].map((percent) => [percent, [] as number[]]));
    for (let round = 0; round < rounds; round++) {
      for (const [routedPercent, times] of seconds)
        times.push(await timed({ databaseUrl, records, keyed, routedPercent }));
    }
    const bare = seconds.get(undefined) ?? [];
    for (const [routedPercent, times] of seconds) {
      if (routedPercent === undefined) continue;
      rows.push({
        table: keyed ? 'keyed' : 'without a key',
        routedPercent,
        recordsPerSecond: Math.round(count / median(times)),
        versusUnrouted: median(times.map((time, round) => time / (bare[round] ?? Number.NaN))),
      });
    }
  }
  await withClient(databaseUrl, dropTables);
  return rows;
}

async function timed(load: Load): Promise<number> {
  await prepare(load);
  const started = performance.now();
  const processor = await BulkProcessor.create({
    postgresql: { connectionString: load.databaseUrl, table: 'bench' },
    concurrency: 2,
    onConflict: load.keyed ? 'update' : 'error',
  });
  await processor.insert(load.records);
  await processor.shutdown();
  const seconds = (performance.now() - started) / 1000;
  await check(load);
  return seconds;
}

async function prepare({ databaseUrl, keyed, routedPercent }: Load): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await dropTables(client);
    await client.query(`create table bench (${DEFINITION}${keyed ? ', primary key (id)' : ''})`);
    if (routedPercent !== undefined) {
      await client.query('create table bench_relyt_massive_group (like bench including all)');
      await client.query(
        'create table relyt_sys.bench_relyt_routing (routing_id text primary key, store_table_name text not null)',
      );
      await client.query(
        `insert into relyt_sys.bench_relyt_routing
         select g::text, 'bench_relyt_massive_group' from generate_series(0, $1::int - 1) g`,
        [(GROUPS * routedPercent) / 100],
      );
    }
    await client.query('checkpoint');
  });
}

/** Routing that loses or misplaces rows is not fast. */
async function check({ databaseUrl, records, routedPercent = 0 }: Load): Promise<void> {
  const routed = (GROUPS * routedPercent) / 100;
  const wanted = records.filter((record) => record.group_id < routed).length;
  await withClient(databaseUrl, async (client) => {
    const auxiliary =
      routed === 0
        ? '0'
        : `(select count(*) from bench_relyt_massive_group where group_id < ${routed})`;
    const { rows } = await client.query<{ main: number; auxiliary: number }>(
      `select (select count(*) from bench where group_id >= ${routed})::int as main, ${auxiliary}::int as auxiliary`,
    );
    const [found] = rows;
    if (found?.main !== records.length - wanted || found.auxiliary !== wanted)
      throw new Error(
        `expected ${wanted} of ${records.length} routed, got ${JSON.stringify(found)}`,
      );
  });
}
