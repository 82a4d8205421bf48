import type pg from 'pg';
import { BulkProcessor } from '../src/bulk-processor.ts';
import { cpuBetween, cpuSeconds } from './cpu.ts';
import { emptyTable, withClient } from './loads.ts';
import { type BenchRecord, benchRecord } from './records.ts';
import type { BenchServers } from './servers.ts';
import { median } from './statistics.ts';

const ENGINES = ['postgres', 'direct'] as const;
/** New records of each hundred. */
const NEW_OF_100 = [90, 10];
/** A trigger keeps ON CONFLICT, and this one costs nothing for each row. */
const WAYS = { MERGE: false, 'ON CONFLICT': true } as const;

type Way = keyof typeof WAYS;

export interface HugeTargetRow {
  readonly engine: string;
  readonly newOf100: number;
  readonly way: Way;
  /** Median over the rounds. */
  readonly seconds: number;
  /** CPU seconds of the database per million records, median. */
  readonly databaseCpu: number;
  /** Of the last round: one scan of the index a record, and none of the table, is an index nested loop. */
  readonly indexScans: number;
  readonly tableScans: number;
}

export interface HugeTarget {
  readonly servers: BenchServers;
  readonly targetRows: number;
  readonly records: number;
  readonly rounds: number;
}

interface Lap {
  readonly seconds: number;
  readonly databaseCpu: number;
  readonly indexScans: number;
  readonly tableScans: number;
}

/** Upserts of keys at random into a table of many rows, by MERGE and by ON CONFLICT. */
export async function benchHugeTarget(huge: HugeTarget): Promise<HugeTargetRow[]> {
  const { databaseUrl } = huge.servers;
  await fill(databaseUrl, huge.targetRows);
  const laps = new Map<string, Lap[]>();
  // Every load has keys of its own, so that its new records are new.
  let first = 0;
  const rows: HugeTargetRow[] = [];
  for (const engine of ENGINES) {
    for (const newOf100 of NEW_OF_100) {
      for (let round = 0; round < huge.rounds; round++) {
        for (const way of Object.keys(WAYS) as Way[]) {
          await keepTo(databaseUrl, way);
          const records = randomRecords(huge, first, newOf100);
          first += huge.records;
          const of = `${engine} ${newOf100} ${way}`;
          laps.set(of, [...(laps.get(of) ?? []), await measured(huge, engine, records)]);
        }
      }
      for (const way of Object.keys(WAYS) as Way[])
        rows.push({ engine, newOf100, way, ...summed(laps.get(`${engine} ${newOf100} ${way}`)) });
    }
  }
  return rows;
}

function summed(laps: readonly Lap[] = []): Lap {
  const of = (name: keyof Lap) => Number(median(laps.map((lap) => lap[name])).toFixed(2));
  const last = laps.at(-1);
  return {
    seconds: of('seconds'),
    databaseCpu: of('databaseCpu'),
    indexScans: last?.indexScans ?? Number.NaN,
    tableScans: last?.tableScans ?? Number.NaN,
  };
}

/** Rows with even keys. */
async function fill(databaseUrl: string, rows: number): Promise<void> {
  await emptyTable(databaseUrl, true);
  await withClient(databaseUrl, async (client) => {
    await client.query(
      `insert into bench select 2 * n, n % 1000, 'name of record ' || n, now(), n
       from generate_series(1, $1::bigint) n`,
      [rows],
    );
    await client.query('vacuum analyze bench');
    await client.query(
      `create or replace function bench_nothing() returns trigger language plpgsql
       as 'begin return null; end'`,
    );
  });
}

async function keepTo(databaseUrl: string, way: Way): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query('drop trigger if exists nothing on bench');
    if (WAYS[way])
      await client.query(
        'create trigger nothing after insert on bench execute function bench_nothing()',
      );
    await client.query('checkpoint');
  });
}

/** Has no factor in common with a power of ten, so that its multiples meet every row once. */
const STRIDE = 6_700_417;

/** Keys of rows are even, new keys odd. */
function* randomRecords(
  { targetRows, records }: HugeTarget,
  first: number,
  newOf100: number,
): Generator<BenchRecord> {
  for (let n = 0; n < records; n++) {
    const row = 1 + (((first + n) * STRIDE) % targetRows);
    yield benchRecord(n % 100 < newOf100 ? 2 * row + 1 : 2 * row);
  }
}

async function measured(
  { servers, records }: HugeTarget,
  engine: (typeof ENGINES)[number],
  given: Iterable<BenchRecord>,
): Promise<Lap> {
  const { databaseUrl, processId } = servers;
  return withClient(databaseUrl, async (client) => {
    const before = await scans(client);
    const cpu = cpuSeconds(processId);
    const started = performance.now();
    const processor = await BulkProcessor.create({
      postgresql: { connectionString: databaseUrl, table: 'bench' },
      engine,
      // One import as far as memory allows: after an import with few new rows the loader takes ON CONFLICT itself.
      batchSize: records,
    });
    await processor.insert(given);
    await processor.shutdown();
    const seconds = (performance.now() - started) / 1000;
    const after = await scansOf(client, before.written + records);
    // By now the postmaster has counted what its backends used that have ended.
    const used = cpuBetween(cpu, cpuSeconds(processId))?.database ?? Number.NaN;
    return {
      seconds,
      databaseCpu: (used * 1e6) / records,
      indexScans: after.index - before.index,
      tableScans: after.table - before.table,
    };
  });
}

interface Scans {
  readonly index: number;
  readonly table: number;
  readonly written: number;
}

async function scans(client: pg.Client): Promise<Scans> {
  const { rows } = await client.query<Scans>(
    `select idx_scan::float as index, seq_scan::float as table, (n_tup_ins + n_tup_upd)::float as written
     from pg_catalog.pg_stat_user_tables where relname = 'bench'`,
  );
  return rows[0] ?? { index: 0, table: 0, written: 0 };
}

/** Backends tell what they did when they end, which may be a moment after the load; a moment later they are gone. */
async function scansOf(client: pg.Client, written: number): Promise<Scans> {
  for (;;) {
    const now = await scans(client);
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (now.written >= written) return now;
  }
}
