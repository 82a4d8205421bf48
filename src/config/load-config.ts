import type { ColumnMapping, ColumnName, ColumnsOption } from '../core/record-columns.ts';
import type { LoaderConfigSource } from './access-config.ts';
import type { TargetConfig } from './connection-config.ts';
import type { Logger } from './logger.ts';
import type { S3Config } from './s3-config.ts';

/** A value that JSON can hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | JsonValue[]
  | { [name: string]: JsonValue };

/** Where Greenplum and Cloudberry find the keys of S3; only for the engine 'greenplum'. */
export interface GreenplumConfig {
  /**
   * Path of the s3 protocol's configuration file on every segment host. Default: s3/s3.conf in the data directory of each
   * segment.
   * @example '/home/gpadmin/s3.conf'
   */
  readonly config?: string | undefined;
  /**
   * URL that serves the configuration file instead.
   * @example 'https://config.example.com/s3.conf'
   */
  readonly configServer?: string | undefined;
  /**
   * Section of the configuration file. Default: `default`.
   * @example 'loads'
   */
  readonly section?: string | undefined;
}

/** Only for the engine 'aws-s3'. */
export interface AwsS3Config {
  /**
   * S3 endpoint, for emulations of the extension; RDS and Aurora take none.
   * @example 'http://localhost:4566'
   */
  readonly endpointUrl?: string | undefined;
}

/** The settings that do not name properties of the records. */
interface LoadSettings extends LoaderConfigSource {
  /**
   * Where the target table is.
   * @example { connectionString: process.env.DATABASE_URL, table: 'events' }
   */
  readonly postgresql: TargetConfig;
  /**
   * Overrides of the S3 settings that LOADER_CONFIG() gives; all optional.
   * @example { importTimeoutSeconds: 1800 }
   */
  readonly s3?: S3Config | undefined;
  /**
   * How records get into the database; `relyt engines` lists the ways. 'auto' finds out from the database itself, and
   * takes 'direct' where no S3 is configured.
   * @default 'auto'
   * @example 'direct'
   */
  readonly engine?:
    | 'auto'
    | 'relyt'
    | 'greenplum'
    | 'aws-s3'
    | 'copy'
    | 'postgres'
    | 'direct'
    | undefined;
  /**
   * Where Greenplum and Cloudberry find the keys; only for the engine 'greenplum'.
   * @example { section: 'loads' }
   */
  readonly greenplum?: GreenplumConfig | undefined;
  /**
   * Only for the engine 'aws-s3'.
   * @example { endpointUrl: 'http://localhost:4566' }
   */
  readonly awsS3?: AwsS3Config | undefined;
  /**
   * Column that holds the group of a record, for a table with an auxiliary one. Default: what `relyt init --routing`
   * stored, or else group_id or routing_id, whichever there is.
   * @example 'tenant_id'
   */
  readonly groupColumn?: string | undefined;
  /**
   * When the key of a record exists already: 'update' lets the last record win, 'nothing' the first one, 'error' fails.
   * The key is `conflictColumns`, or else the primary key. Tables without a key keep every record.
   * @default 'update'
   * @example 'nothing'
   */
  readonly onConflict?: 'update' | 'nothing' | 'error' | undefined;
  /**
   * Most records of a staged file, with or without positions.
   * @default 100000
   * @example 50_000
   */
  readonly batchSize?: number | undefined;
  /**
   * Most bytes of rows in a staged file, before compression. The record that reaches them is the last one of its file.
   * @default 268435456
   * @example 64 * 1024 * 1024
   */
  readonly maxFileBytes?: number | undefined;
  /**
   * Longest time a staged file stays open, in seconds: records that trickle in arrive after at most about this long.
   * @default 6
   * @example 1
   */
  readonly fileWriteTimeoutSeconds?: number | undefined;
  /**
   * Most staged files of one import; raised to a multiple of the segments where segments read them.
   * @default 10
   * @example 20
   */
  readonly batchImportSize?: number | undefined;
  /**
   * Imports at once.
   * @default 1
   * @example 4
   */
  readonly concurrency?: number | undefined;
  /**
   * Rejected records tolerated in the whole task. They are kept in relyt_sys.relyt_loader_reject.
   * @default 0
   * @example 100
   */
  readonly maxErrorRecords?: number | undefined;
  /**
   * Compression of staged files.
   * @default 'none'
   * @example 'gzip'
   */
  readonly compression?: 'none' | 'gzip' | undefined;
  /**
   * How rows are written into staged files: 'csv', or 'binary' as PostgreSQL's binary COPY, which costs loader and
   * database a fraction and needs an engine that reads it. 'auto' takes binary where it can be read.
   * @default 'auto'
   * @example 'csv'
   */
  readonly layout?: 'auto' | 'csv' | 'binary' | undefined;
  /**
   * Memory for parts being filled and uploaded, or with the engine 'direct' imported, in bytes. Raised to what
   * `concurrency` needs at least.
   * @default 67108864
   * @example 128 * 1024 * 1024
   */
  readonly bufferBytes?: number | undefined;
  /**
   * How long after its last sign of life a task may be taken over by a resume, in seconds.
   * @default 30
   * @example 60
   */
  readonly leaseSeconds?: number | undefined;
  /**
   * What the records come from, in your own words (JSON): stored with the task, and shown to the person who resumes it.
   * @example { topic: 'events', partition: 3 }
   */
  readonly source?: JsonValue | undefined;
  /**
   * Staged files: 'on-success' deletes them when the task has ended well, and keeps them until then, because a database
   * that goes back in time needs them again; 'always' also when the task fails, which then cannot be resumed unless all
   * were imported; 'never' keeps them.
   * @default 'on-success'
   * @example 'never'
   */
  readonly cleanup?: 'on-success' | 'always' | 'never' | undefined;
  /**
   * Takes a line for what happens to the task: start, imports, rejected records, retries, warnings, its end. Lines have no
   * secrets. A logger of pino fits. Default: no lines.
   * @example pino()
   */
  readonly logger?: Logger | undefined;
  /**
   * Aborts the task, like abort().
   * @example AbortSignal.timeout(60_000)
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Settings of a load; everything with a default may be left out. With the type of your records, `columns`,
 * `conflictColumns` and `updateColumns` take only names that the records have.
 *
 * @example
 * ```ts
 * import type { BulkProcessorConfig } from 'relyt-sdk';
 *
 * interface Event {
 *   id: number;
 *   email: string;
 * }
 * const config: BulkProcessorConfig<Event> = {
 *   postgresql: { host: 'localhost', username: 'loader', database: 'app', table: 'events' },
 *   columns: ['id', 'email'],
 *   maxErrorRecords: 100,
 * };
 * ```
 */
export interface BulkProcessorConfig<Row = unknown> extends LoadSettings {
  /**
   * Columns to load: a list of names, or an object column → property of the record. Default: the property names of the
   * first record.
   * @example { id: 'id', created_at: 'createdAt' }
   */
  readonly columns?: ColumnsOption<Row> | undefined;
  /**
   * Columns whose values say that two records are the same one. A unique constraint or index over exactly these columns
   * has to exist; it may be neither partial nor deferrable. Default: the primary key.
   * @example ['email']
   */
  readonly conflictColumns?: readonly ColumnName<Row>[] | undefined;
  /**
   * Columns that `onConflict: 'update'` sets in a row that exists. Default: all that are loaded, but for the key.
   * @example ['name', 'updated_at']
   */
  readonly updateColumns?: readonly ColumnName<Row>[] | undefined;
}

/** Settings of a load of records whose properties are not called like the columns. */
export interface MappedConfig<Row = unknown> extends LoadSettings {
  /**
   * Column → property of the record, or index where records are arrays.
   * @example { id: 'id', created_at: 'createdAt' }
   */
  readonly columns: ColumnMapping<Row>;
  /**
   * The same as of `BulkProcessorConfig`: names of columns.
   * @example ['email']
   */
  readonly conflictColumns?: readonly string[] | undefined;
  /**
   * The same as of `BulkProcessorConfig`: names of columns.
   * @example ['created_at']
   */
  readonly updateColumns?: readonly string[] | undefined;
}

/** Settings of a load, whichever way the columns are named. */
export type LoadConfig<Row = unknown> = BulkProcessorConfig<Row> | MappedConfig<Row>;
