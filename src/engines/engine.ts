import type { Layout } from '../core/layout.ts';
import type { RowOrdinals } from '../core/row-ordinals.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import type { SeenBytes, StagedBytes } from '../core/staged-bytes.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import type { Lines } from '../database/do-block.ts';
import type { Session, Transaction } from '../database/session.ts';
import type { RelytError } from '../errors.ts';
import type { EngineProfile } from './profiles.ts';

/** A staged file, as an engine needs to know it. */
export interface StagedObject {
  readonly key: string;
  readonly records: number;
  /** What its bytes must be; undefined for the examples of a dry run. */
  readonly stored?: StagedBytes | undefined;
  /** Sum of the ordinals in it; undefined like `stored`, and for files that an older version staged. */
  readonly ordinalSum?: bigint | undefined;
  /** Set where its rows hold no ordinals. */
  readonly rowOrdinals?: RowOrdinals | undefined;
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
  /** Of all of them. */
  readonly layout: Layout;
  /** Every column as text, where the layout has text to read: for an isolation of bad records. */
  readonly asText: boolean;
  /** How long whatever lets the database at the files has to live. */
  readonly timeLimitSeconds: number;
  readonly signal: AbortSignal;
}

/** How one kind of database reads S3: makes staged files readable, and puts them away again; nothing else. */
export interface Engine {
  readonly profile: EngineProfile;
  /**
   * Exception clauses for whatever reads the relation: they keep URLs and keys that its errors quote from client and
   * log. They may use the variables of `guarded`. None where nothing can leak.
   */
  readonly guard: Lines;
  /** Makes sure the database can read these staged files at all. @throws RelytError with what to do when it cannot */
  prepare(session: Session): Promise<void>;
  /**
   * Streams files of the layout `tuples` into the target itself, where COPY makes the rows that INSERT would make (see
   * `copyFacts`), and returns how many it says it made. Undefined where the engine cannot: see `copiesStraight`.
   */
  copyStraight?(transaction: Transaction, files: ExternalFiles): Promise<number>;
  /** Makes the files readable as a relation, and returns its quoted name. */
  open(transaction: Transaction, files: ExternalFiles): Promise<string>;
  /** What an error of opening or reading the files means; undefined when it says so itself, or is about something else. */
  readFailure(error: unknown): RelytError | undefined;
  /** @throws RelytError S3_DOWNLOAD_FAILED where it turns out only now that others than these files were read */
  close(transaction: Transaction, source: string, files: ExternalFiles): Promise<void>;
}

/** What an engine needs of the object store. */
export interface StagedReader {
  /** Undefined when there is no such object. */
  headObject(key: string, signal?: AbortSignal): Promise<SeenBytes | undefined>;
  list(prefix: string, signal?: AbortSignal): AsyncIterable<SeenBytes & { readonly key: string }>;
  presignGet(key: string, expiresSeconds: number): Promise<string>;
  /** The bytes as they are stored; only those of the object with this ETag, where one is given. */
  readObject(
    key: string,
    options?: { readonly signal?: AbortSignal; readonly etag?: string | undefined },
  ): Promise<AsyncIterable<Buffer>>;
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
  readonly objects: StagedReader;
  /** Undefined where no S3 is used. */
  readonly s3: S3Settings | undefined;
  readonly options: EngineOptions;
  /** Prefixes of URLs that the database is known to read from; it is asked where none of them fits. */
  readonly knownLocations?: readonly string[];
}

/** What engines are made of that have the database itself read S3. */
export interface S3Context extends EngineContext {
  readonly s3: S3Settings;
}
