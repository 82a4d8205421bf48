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
   * S3 endpoint, for emulations of the extension. Leave it out for RDS and Aurora.
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
   * How records get into the database; `relyt engines` lists the ways. 'auto' asks the database, and uses 'direct' when
   * no S3 is configured.
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
   * Column that holds the group of a record, for a table with an auxiliary one. Default: the column that
   * `relyt init --routing` stored, else group_id or routing_id.
   * @example 'tenant_id'
   */
  readonly groupColumn?: string | undefined;
  /**
   * What to do when the key of a record exists already: 'update' keeps the last record, 'nothing' keeps the first one,
   * 'error' fails. The key is `conflictColumns`, or else the primary key. Tables without a key keep every record.
   * @default 'update'
   * @example 'nothing'
   */
  readonly onConflict?: 'update' | 'nothing' | 'error' | undefined;
  /**
   * Maximum number of records in a staged file, with or without positions.
   * @default 100000
   * @example 50_000
   */
  readonly batchSize?: number | undefined;
  /**
   * Maximum bytes of rows in a staged file, before compression. The record that reaches it is the last one of its file.
   * @default 268435456
   * @example 64 * 1024 * 1024
   */
  readonly maxFileBytes?: number | undefined;
  /**
   * Maximum time a staged file stays open, in seconds. Records that trickle in arrive after about this time at most.
   * @default 6
   * @example 1
   */
  readonly fileWriteTimeoutSeconds?: number | undefined;
  /**
   * Maximum number of staged files in one import. Where segments read the files, it is raised to a multiple of them.
   * @default 10
   * @example 20
   */
  readonly batchImportSize?: number | undefined;
  /**
   * Number of imports that run at the same time.
   * @default 1
   * @example 4
   */
  readonly concurrency?: number | undefined;
  /**
   * Maximum number of rejected records in the whole task. They are kept in relyt_sys.relyt_loader_reject.
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
   * Format of the rows in staged files: 'csv', or 'binary' for PostgreSQL's binary COPY format, which costs loader and
   * database a fraction of the CPU and needs an engine that reads it. 'auto' uses binary where it can be read.
   * @default 'auto'
   * @example 'csv'
   */
  readonly layout?: 'auto' | 'csv' | 'binary' | undefined;
  /**
   * Memory for parts that are filled and uploaded (or imported, with the engine 'direct'), in bytes. Raised to the
   * minimum that `concurrency` needs.
   * @default 67108864
   * @example 128 * 1024 * 1024
   */
  readonly bufferBytes?: number | undefined;
  /**
   * Seconds after its last heartbeat until a resume may take a task over.
   * @default 30
   * @example 60
   */
  readonly leaseSeconds?: number | undefined;
  /**
   * Where the records come from, as any JSON value. It is stored with the task, and shown to the person who resumes it.
   * @example { topic: 'events', partition: 3 }
   */
  readonly source?: JsonValue | undefined;
  /**
   * When to delete staged files. 'on-success': when the task is COMPLETED; until then a database that goes back in time
   * may need them again. 'always': also when the task fails; it can then only be resumed if all were imported. 'never':
   * keep them.
   * @default 'on-success'
   * @example 'never'
   */
  readonly cleanup?: 'on-success' | 'always' | 'never' | undefined;
  /**
   * Receives log lines about the task: start, imports, rejected records, retries, warnings, end. Lines contain no
   * secrets. A pino logger fits. Default: no log.
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
   * Columns to load: a list of names, or an object of column → property of the record. Default: the property names of
   * the first record.
   * @example { id: 'id', created_at: 'createdAt' }
   */
  readonly columns?: ColumnsOption<Row> | undefined;
  /**
   * Columns that decide whether two records are the same. A unique constraint or index over exactly these columns must
   * exist; it must be neither partial nor deferrable. Default: the primary key.
   * @example ['email']
   */
  readonly conflictColumns?: readonly ColumnName<Row>[] | undefined;
  /**
   * Columns that `onConflict: 'update'` sets in a row that exists. Default: all loaded columns except the key.
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
