import type { RawS3Settings } from '../../core/s3-field-reader.ts';
import type { TrustedConfig } from '../../database/statements/loader-config.ts';
import type { EngineName } from '../../engines/profiles.ts';

/** What `relyt init` is asked to do. */
export interface Preparation {
  readonly engine: EngineName | 'auto';
  /** Roles that get the rights a loader needs. */
  readonly roles: readonly string[];
  /** From where older S3 settings are taken over, and whom to believe. */
  readonly trusted: TrustedConfig;
  /** S3 settings to write over those the database has; none: they stay as they are. */
  readonly s3: RawS3Settings;
  /** Used where neither `s3` nor the database has the setting. Means nothing without `s3`. */
  readonly s3Fallback: RawS3Settings;
  /** URLs of more locations the database may download from. */
  readonly locations: readonly string[];
}

/** What was done. Holds no secret. */
export interface Prepared {
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
