import type { InsertPlan } from '../applying/insert-statement.ts';
import type { StatementCounts } from '../core/import-counts.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import type { Session, Transaction } from '../database/session.ts';
import type { EngineProfile } from './profiles.ts';

/** A staged file, as an engine needs to know it. */
export interface StagedObject {
  readonly key: string;
  readonly records: number;
}

/** Staged files as the database is to read them. */
export interface ExternalFiles {
  /** Letters, digits and `_`; no two imports that run at a time have the same. */
  readonly name: string;
  readonly table: TargetTable;
  readonly columns: readonly TargetColumn[];
  /** In the order of import; those of one folder where the engine reads folders. */
  readonly files: readonly StagedObject[];
  readonly gzip: boolean;
  /** Every column as text: for an isolation of bad records. */
  readonly asText: boolean;
  /** How long whatever lets the database at the files has to live. */
  readonly timeLimitSeconds: number;
  readonly signal: AbortSignal;
}

/** How one kind of database reads S3: only what differs between them. */
export interface Engine {
  readonly profile: EngineProfile;
  /** Makes sure the database can read these staged files at all. @throws RelytError with what to do when it cannot */
  prepare(session: Session): Promise<void>;
  /** Makes the files readable as a relation, and returns its quoted name. */
  open(transaction: Transaction, files: ExternalFiles): Promise<string>;
  load(transaction: Transaction, plan: InsertPlan): Promise<StatementCounts>;
  /**
   * Brings in all but the bad records, which it leaves in a temporary table for `keepBadRows`.
   * Fails with SQLSTATE `tooManyBadRecords` when there are more than `maxBad`.
   */
  isolate(transaction: Transaction, plan: InsertPlan, maxBad: number): Promise<StatementCounts>;
  close(transaction: Transaction, source: string): Promise<void>;
}

/** What an engine needs of the object store. */
export interface StagedObjects {
  presignGet(key: string, expiresSeconds: number): Promise<string>;
  /** The bytes as they are stored. */
  readObject(key: string, signal?: AbortSignal): Promise<AsyncIterable<Buffer>>;
}

/** Settings of single engines; all have defaults. */
export interface EngineOptions {
  readonly greenplum: {
    /** Path of the configuration file on every segment host. */
    readonly config?: string | undefined;
    /** URL that serves it, instead. */
    readonly configServer?: string | undefined;
    readonly section?: string | undefined;
  };
  readonly awsS3: {
    /** For emulations, which take it as one more argument. */
    readonly endpointUrl?: string | undefined;
  };
}

/** What engines are made of. */
export interface EngineContext {
  readonly objects: StagedObjects;
  readonly s3: S3Settings;
  readonly options: EngineOptions;
}
