import { migrateGroups } from '../src/administration.ts';
import { withClient } from './loads.ts';
import { DEFINITION } from './records.ts';
import { median } from './statistics.ts';

const GROUP = 42;

export interface MigrationRow {
  readonly way: string;
  readonly rowsPerSecond: number;
  /** Time ÷ time of a bare INSERT … SELECT and DELETE of the same rows: the median of the rounds' own ratios. */
  readonly versusBare: number;
}

type Way = (databaseUrl: string, rows: number) => Promise<void>;

const BARE = 'INSERT … SELECT + DELETE';

const WAYS: Readonly<Record<string, Way>> = {
  [BARE]: (databaseUrl) =>
    withClient(databaseUrl, async (client) => {
      await client.query('begin');
      await client.query(
        `insert into bench_relyt_massive_group select * from bench where group_id = ${GROUP}`,
      );
      await client.query(`delete from bench where group_id = ${GROUP}`);
      await client.query('commit');
    }),
  'relyt migrate, one transaction': (databaseUrl, rows) => migrate(databaseUrl, rows),
  'relyt migrate, ten batches': (databaseUrl, rows) => migrate(databaseUrl, Math.ceil(rows / 10)),
};

/** One group of so many rows moves to the auxiliary table; a tenth as many rows of others stay. */
export async function benchMigration(
  databaseUrl: string,
  rows: number,
  rounds: number,
): Promise<MigrationRow[]> {
  const seconds = new Map(Object.keys(WAYS).map((way) => [way, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const [way, move] of Object.entries(WAYS)) {
      await prepare(databaseUrl, rows);
      const started = performance.now();
      await move(databaseUrl, rows);
      seconds.get(way)?.push((performance.now() - started) / 1000);
      await check(databaseUrl, rows);
    }
  }
  const bare = seconds.get(BARE) ?? [];
  await withClient(databaseUrl, dropTables);
  return Array.from(seconds, ([way, times]) => ({
    way,
    rowsPerSecond: Math.round(rows / median(times)),
    versusBare: median(times.map((time, round) => time / (bare[round] ?? Number.NaN))),
  }));
}

async function migrate(databaseUrl: string, batchRows: number): Promise<void> {
  await migrateGroups(
    { postgresql: { connectionString: databaseUrl } },
    { tables: ['public.bench'], threshold: 1_000, batchRows, maxGroups: 1 },
  );
}

type Client = Parameters<Parameters<typeof withClient>[1]>[0];

/** Of both routing benchmarks. */
export async function dropTables(client: Client): Promise<void> {
  await client.query('drop table if exists bench, bench_relyt_massive_group');
  await client.query('drop table if exists relyt_sys.bench_relyt_routing');
}

async function prepare(databaseUrl: string, rows: number): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await dropTables(client);
    await client.query(`create table bench (${DEFINITION}, primary key (id))`);
    await client.query('create table bench_relyt_massive_group (like bench including all)');
    await client.query('create schema if not exists relyt_sys');
    await client.query(
      'create table relyt_sys.bench_relyt_routing (routing_id text primary key, store_table_name text not null)',
    );
    // Every eleventh row is of another group, so that what moves does not stand in one piece.
    await client.query(
      `insert into bench
       select n, case when n % 11 = 0 then n / 11 % 1000 + 1000 else ${GROUP} end,
              'name of record ' || n, to_timestamp(1.7e9 + n), random()
       from generate_series(1, $1::int) n`,
      [Math.ceil((rows * 11) / 10)],
    );
    await client.query('vacuum analyze bench');
    await client.query('checkpoint');
  });
}

/** A move that leaves rows behind is not fast. */
async function check(databaseUrl: string, rows: number): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const { rows: found } = await client.query<{ moved: number; left: number }>(
      `select (select count(*) from bench_relyt_massive_group)::int as moved,
              (select count(*) from bench where group_id = ${GROUP})::int as left`,
    );
    if (found[0]?.left !== 0 || Math.abs(found[0].moved - rows) > 1)
      throw new Error(`expected ${rows} rows moved, got ${JSON.stringify(found[0])}`);
  });
}
