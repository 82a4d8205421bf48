/** Target tables for tests of whole loads, and what the database says of them afterwards. */

import pg from 'pg';
import type { StackS3 } from 'relyt-dev';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { BulkProcessor } from '../../src/bulk-processor.ts';
import type { BulkProcessorConfig } from '../../src/config/load-config.ts';
import { Database } from '../../src/database/database.ts';
import { installSchema } from '../../src/database/schema/install.ts';
import { detectEngine } from '../../src/engines/detect.ts';
import { RelytError } from '../../src/errors.ts';
import { deleteKeys, listUploads, uniquePrefix } from './bucket.ts';
import {
  createRole,
  createTestDatabase,
  type RoleOptions,
  type TestDatabase,
  type TestRole,
} from './database.ts';
import { type TestServer, testStack } from './stack.ts';
import type { Prepared } from './templates.ts';

/** What a test changes of a configuration that otherwise just works. */
export interface LoadOptions extends Omit<Partial<BulkProcessorConfig>, 'postgresql'> {
  /** Instead of the superuser's: a role's, or a proxy's. */
  readonly url?: string;
}

export interface FileRow {
  readonly file_id: number;
  readonly lane: number;
  readonly status: string;
  readonly s3_key: string;
  readonly num_records: number;
  readonly attempts: number;
  readonly error: string | null;
}

export interface ImportRow {
  readonly num_records: number;
  readonly rows_inserted: number;
  readonly rows_updated: number;
  readonly rows_skipped: number;
  readonly rows_superseded: number;
}

/** By which way loads go. */
export interface LoadingWay {
  /** Where files are staged. */
  readonly s3: StackS3;
  /** Below which prefix of it; '' for the whole bucket. */
  readonly prefix: string;
  /** What new databases have of the schema relyt_sys; nothing by default. */
  readonly prepared?: Prepared | undefined;
  /** Makes a configuration go this way. */
  configure(config: BulkProcessorConfig): BulkProcessorConfig;
  /** What the database needs for it before the first load. */
  prepare(database: TestDatabase<TestServer>): Promise<void>;
  /** What a role of a loader needs for it beside the rights of `relyt init --role`. */
  allow?(database: TestDatabase<TestServer>, role: string): Promise<void>;
}

/** The S3 server of the test run, and the engine the loader finds out itself. */
export function ordinaryWay(): LoadingWay {
  return {
    s3: testStack().s3,
    prefix: '',
    prepared: 'postgres',
    configure: (config) => config,
    prepare: async () => undefined,
  };
}

/** A table to load into, with a prefix of its own in the bucket. */
export class TestTarget {
  readonly database: TestDatabase<TestServer>;
  readonly schema: string;
  readonly table: string;
  readonly prefix: string;
  readonly way: LoadingWay;

  constructor(
    database: TestDatabase<TestServer>,
    place: { schema: string; table: string; prefix: string },
    way: LoadingWay = ordinaryWay(),
  ) {
    this.database = database;
    this.schema = place.schema;
    this.table = place.table;
    this.prefix = place.prefix;
    this.way = way;
  }

  /** The name of the table as SQL has it. */
  get sql(): string {
    return `${pg.escapeIdentifier(this.schema)}.${pg.escapeIdentifier(this.table)}`;
  }

  config(options: LoadOptions = {}): BulkProcessorConfig {
    const { url = this.database.url, s3, ...rest } = options;
    return this.way.configure({
      postgresql: { connectionString: url, schema: this.schema, table: this.table },
      s3: { ...s3Config(this.way.s3), prefix: this.prefix, importErrorSleepSeconds: 1, ...s3 },
      ...rest,
    });
  }

  open(options: LoadOptions = {}): Promise<BulkProcessor> {
    return BulkProcessor.create(this.config(options));
  }

  /** A whole load of these records; returns the id of its task. */
  async load(
    records: Iterable<unknown> | AsyncIterable<unknown>,
    options: LoadOptions = {},
  ): Promise<string> {
    await using processor = await this.open(options);
    await processor.insert(records);
    await processor.shutdown();
    return processor.processId;
  }

  /** All rows of the table, in the order of the columns named, or of all of them. */
  rows<Row extends object>(columns = '*', order = '1'): Promise<Row[]> {
    return this.database.query<Row>(`select ${columns} from ${this.sql} order by ${order}`);
  }

  async count(): Promise<number> {
    const [row] = await this.database.query<{ n: number }>(
      `select count(*)::int as n from ${this.sql}`,
    );
    return row?.n ?? Number.NaN;
  }

  files(processId: string): Promise<FileRow[]> {
    return this.database.query<FileRow>(
      `select file_id::int, lane, status, s3_key, num_records::int, attempts, error
       from relyt_sys.relyt_loader_file where process_id = $1 order by file_id`,
      [processId],
    );
  }

  imports(processId: string): Promise<ImportRow[]> {
    return this.database.query<ImportRow>(
      `select num_records::int, rows_inserted::int, rows_updated::int, rows_skipped::int, rows_superseded::int
       from relyt_sys.relyt_loader_import where process_id = $1 order by import_id`,
      [processId],
    );
  }

  async checkpoint(processId: string): Promise<Record<string, unknown>> {
    const rows = await this.database.query(
      'select * from relyt_sys.relyt_loader_checkpoint where process_id = $1',
      [processId],
    );
    const [row] = rows;
    if (row === undefined || rows.length > 1) throw new Error(`${rows.length} checkpoint rows`);
    return row;
  }

  /** Blocks every import into the table until `release()`: an import waits for this lock before it reads S3. */
  async lock(): Promise<{ release(): Promise<void> }> {
    const client = await this.database.pool.connect();
    await client.query('begin');
    await client.query(`lock table ${this.sql} in access exclusive mode`);
    let released: Promise<void> | undefined;
    const release = async () => {
      await client.query('rollback');
      client.release();
    };
    return {
      release: () => {
        released ??= release();
        return released;
      },
    };
  }

  /** Waits until an import hangs on a lock; returns the backends that do. */
  untilImportWaits(): Promise<number[]> {
    return vi.waitFor(
      async () => {
        const waiting = await this.waitingImports();
        if (waiting.length === 0) throw new Error('no import waits for a lock');
        return waiting;
      },
      { timeout: 60_000 },
    );
  }

  /** Backends of the loader that wait for a lock right now. */
  async waitingImports(): Promise<number[]> {
    const rows = await this.database.query<{ pid: number }>(
      `select distinct a.pid from pg_stat_activity a join pg_locks l on l.pid = a.pid
       where a.datname = current_database() and a.application_name like 'relyt-sdk %' and not l.granted`,
    );
    return rows.map((row) => row.pid);
  }
}

/** Makes a table of these columns; a name that is not given is made up. */
export type MakeTarget = (columns: string, options?: TargetOptions) => Promise<TestTarget>;

export interface TargetOptions {
  readonly schema?: string;
  readonly table?: string;
  /** Stands behind the columns: `partition by …`. */
  readonly suffix?: string;
  /** Runs first: a type the columns need. */
  readonly before?: string;
}

/**
 * One database for the tests of a `describe`. After the last of them it checks what no test may leave behind
 * (G7): connections of the loader, its external tables, unfinished uploads.
 */
export function targetsOn(server: TestServer, way: LoadingWay = ordinaryWay()): MakeTarget {
  const prefix = [way.prefix, uniquePrefix()].filter((part) => part !== '').join('/');
  let database: TestDatabase<TestServer> | undefined;
  let made = 0;
  beforeAll(async () => {
    database = await createTestDatabase(server, { prepared: way.prepared });
    await way.prepare(database);
  });
  afterAll(async () => {
    if (database === undefined) return;
    try {
      await expectNothingOpen(database);
      expect(await listUploads(prefix, way.s3)).toEqual([]);
    } finally {
      await database.drop();
      await deleteKeys(prefix, way.s3);
    }
  });
  return async (columns, { schema = 'public', table, suffix = '', before } = {}) => {
    if (database === undefined) throw new Error('the database is made before the first test');
    const name = table ?? `t${++made}`;
    const target = new TestTarget(database, { schema, table: name, prefix }, way);
    await database.query(`create schema if not exists ${pg.escapeIdentifier(schema)}`);
    if (before !== undefined) await database.query(before);
    await database.query(`create table ${target.sql} (${columns}) ${suffix}`);
    return target;
  };
}

/** Nothing of the loader lives on in this database. A cluster has foreign tables of its own, and kind 'r' for external ones. */
export async function expectNothingOpen(database: TestDatabase<TestServer>): Promise<void> {
  const left = `select 'connection ' || pid || ': ' || query as what from pg_stat_activity
      where datname = current_database() and application_name like 'relyt-sdk %'
    union all select 'external table ' || c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relname like 'relyt\\_loader\\_%' and (c.relkind = 'f' or c.relkind = 'r' and n.nspname <> 'relyt_sys')
    union all select 'temporary table ' || oid::regclass from pg_class where relpersistence = 't'`;
  // A backend ends a moment after its client has gone.
  await vi.waitFor(async () => expect(await database.query(left)).toEqual([]), { timeout: 5000 });
}

/** The S3 settings of a configuration, for the server of the test run or another one. */
export function s3Config(s3: StackS3 = testStack().s3): NonNullable<BulkProcessorConfig['s3']> {
  const { endpoint, region, bucket, accessKey, secretKey } = s3;
  return { endpoint, region, bucket, accessKey, secretKey };
}

/** `count` records made by `make`, numbered from 0, without holding them all. */
export function* generate<T>(count: number, make: (n: number) => T): Generator<T> {
  for (let n = 0; n < count; n++) yield make(n);
}

/** The error a promise must reject with: always one of ours, with a hint. */
export async function failureOf(promise: Promise<unknown>): Promise<RelytError> {
  const outcome = await promise.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(RelytError);
  const failure = outcome as RelytError;
  expect(failure.hint.length).toBeGreaterThan(10);
  return failure;
}

/** A role with the rights `relyt init --role` gives, and none on the target. */
export async function createLoaderRole(
  target: TestTarget,
  options: RoleOptions = {},
): Promise<TestRole> {
  // The superuser's load makes the schema and allows the location, which the role itself may not.
  await target.load([]);
  const role = await createRole(target.database, 'loader', options);
  const database = new Database(
    { connectionString: target.database.url },
    { connections: 1, applicationName: 'relyt-test' },
  );
  try {
    const { engine, dialect } = await detectEngine(database, target.config().engine ?? 'auto');
    await installSchema(database, { engine, dialect, roles: [role.name] });
  } finally {
    await database.close();
  }
  return role;
}
