import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import binary from 'pg-copy-streams-binary';
import { BulkProcessor } from '../src/bulk-processor.ts';
import type { EngineName } from '../src/engines/profiles.ts';
import { type BenchRecord, COLUMNS } from './records.ts';

export interface LoadCase {
  readonly databaseUrl: string;
  readonly table: string;
  /** From a generator: no contender finds them in memory. */
  readonly records: Iterable<BenchRecord>;
  readonly onConflict: 'update' | 'error';
}

export type Contender = (load: LoadCase) => Promise<void>;

const UPDATES = COLUMNS.slice(1)
  .map((name) => `${name} = excluded.${name}`)
  .join(', ');

/** This package with its defaults and two imports at a time. */
export const relytBy =
  (engine: EngineName): Contender =>
  async ({ databaseUrl, table, records, onConflict }) => {
    const processor = await BulkProcessor.create({
      postgresql: { connectionString: databaseUrl, table },
      engine,
      concurrency: 2,
      onConflict,
    });
    await processor.insert(records);
    await processor.shutdown();
  };

/** What most people write: csv-stringify into COPY FROM STDIN. */
export const copyStream: Contender = async (load) =>
  copyThrough(
    load,
    Readable.from(load.records).pipe(
      stringify({ columns: [...COLUMNS], cast: { date: (value) => value.toISOString() } }),
    ),
  );

/** One COPY in one transaction; an upsert goes through a temporary table. */
async function copyThrough(
  load: LoadCase,
  rows: Readable,
  format: 'csv' | 'binary' = 'csv',
): Promise<void> {
  const { databaseUrl, table, onConflict } = load;
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    await client.query('begin');
    const upsert = onConflict === 'update';
    const into = upsert ? 'bench_stage' : table;
    if (upsert) await client.query(`create temp table bench_stage (like ${table}) on commit drop`);
    await pipeline(
      rows,
      client.query(copyFrom(`copy ${into} (${COLUMNS.join(', ')}) from stdin (format ${format})`)),
    );
    if (upsert) {
      await client.query(
        `insert into ${table} select * from bench_stage on conflict (id) do update set ${UPDATES}`,
      );
    }
    await client.query('commit');
  } finally {
    await client.end();
  }
}

/** COPY as fast as an afternoon of tuning makes it: joined by hand, 1000 rows a chunk. */
export const handWrittenCopy: Contender = async (load) =>
  copyThrough(load, Readable.from(joined(load.records)));

/** The codec of pg-copy-streams-binary into binary COPY. */
export const binaryCopy: Contender = async (load) =>
  copyThrough(load, Readable.from(typed(load.records)).pipe(binary.rowWriter()), 'binary');

function* typed(records: Iterable<BenchRecord>) {
  for (const { id, group_id, ext, created_at, score } of records) {
    yield [
      { type: 'int8', value: BigInt(id) },
      { type: 'int4', value: group_id },
      { type: 'text', value: ext },
      { type: 'timestamptz', value: created_at },
      { type: 'float8', value: score },
    ];
  }
}

function* joined(records: Iterable<BenchRecord>): Generator<Buffer> {
  for (const rows of batches(records, ROWS_PER_CHUNK)) {
    const lines = rows.map(
      (row) =>
        `${row.id},${row.group_id},${quoted(row.ext)},${row.created_at.toISOString()},${row.score}\n`,
    );
    yield Buffer.from(lines.join(''));
  }
}

function* batches(records: Iterable<BenchRecord>, size: number): Generator<BenchRecord[]> {
  let batch: BenchRecord[] = [];
  for (const record of records) {
    batch.push(record);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function quoted(text: string): string {
  return /[",\r\n\\]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const ROWS_PER_CHUNK = 1000;
const ROWS_PER_INSERT = 1000;

interface Rows {
  /** What stands behind the columns of the INSERT. */
  readonly source: string;
  readonly values: readonly unknown[];
}

/** INSERT statements of 1000 rows, each its own transaction. */
const insertOf =
  (rowsOf: (rows: readonly BenchRecord[]) => Rows): Contender =>
  async ({ databaseUrl, table, records, onConflict }) => {
    const client = new pg.Client(databaseUrl);
    await client.connect();
    try {
      const conflict = onConflict === 'update' ? ` on conflict (id) do update set ${UPDATES}` : '';
      for (const rows of batches(records, ROWS_PER_INSERT)) {
        const { source, values } = rowsOf(rows);
        const text = `insert into ${table} (${COLUMNS.join(', ')}) ${source}${conflict}`;
        await client.query(text, [...values]);
      }
    } finally {
      await client.end();
    }
  };

export const multiRowInsert = insertOf((rows) => {
  const places = rows.map(
    (_, row) => `(${COLUMNS.map((_, i) => `$${row * COLUMNS.length + i + 1}`).join(',')})`,
  );
  return {
    source: `values ${places.join(',')}`,
    values: rows.flatMap((row) => COLUMNS.map((name) => row[name])),
  };
});

/** In one array for each column, which the server takes apart. */
export const unnestInsert = insertOf((rows) => ({
  source:
    'select * from unnest($1::int8[], $2::int4[], $3::text[], $4::timestamptz[], $5::float8[])',
  values: COLUMNS.map((name) => rows.map((row) => row[name])),
}));
