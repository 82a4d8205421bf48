import type { RawS3Settings } from '../core/s3-field-reader.ts';
import type { TableName } from '../core/table-name.ts';
import type { TrustedConfig } from '../database/statements/loader-config.ts';
import type { EngineName } from '../engines/profiles.ts';
import type { PreparedRouting } from '../routing/prepare-routing.ts';

/** What is to be prepared, checked and in the words of LOADER_CONFIG. */
export interface Preparation {
  readonly engine: EngineName | 'auto';
  /** Roles that get the rights a loader needs. */
  readonly roles: readonly string[];
  /** From where older S3 settings are taken over, and which roles to trust. */
  readonly trusted: TrustedConfig;
  /** S3 settings to write over those the database has; none: they stay as they are. */
  readonly s3: RawS3Settings;
  /** Used where neither `s3` nor the database has the setting. Means nothing without `s3`. */
  readonly s3Fallback: RawS3Settings;
  /** URLs of more locations the database may download from. */
  readonly locations: readonly string[];
}

/** Tables that get an auxiliary and a routing table. */
export interface PlannedRouting {
  readonly tables: readonly TableName[];
  readonly groupColumn: string | undefined;
  readonly view: boolean;
}

/** What was done. Holds no secret. */
export interface PreparedDatabase {
  /** The one that loads into this database will use, where they do not name another one. */
  readonly engine: EngineName;
  /** Names of the migrations that were applied now. */
  readonly migrations: readonly string[];
  readonly roles: readonly string[];
  /** The S3 settings as they are now, when they were written. */
  readonly s3: S3Place | null;
  readonly locations: readonly PreparedLocation[];
  /** Until now every role could call LOADER_CONFIG() and read the secret. */
  readonly secretWasPublic: boolean;
}

/** What `prepare()` did. Holds no secret. */
export interface Prepared extends PreparedDatabase {
  /** One for each table of `routing`. */
  readonly routing: readonly PreparedRouting[];
}

/** Where staged files go, without the keys to it. */
export interface S3Place {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly prefix: string;
}

export interface PreparedLocation {
  readonly url: string;
  /** False: it was allowed before. */
  readonly added: boolean;
}
