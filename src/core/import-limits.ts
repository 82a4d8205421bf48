import type { S3FieldReader } from './s3-field-reader.ts';

/** How long a task tries. They are given with the S3 settings, and hold without S3 as well. */
export interface ImportLimits {
  /** Seconds an import may take, its retries included; default 1800. */
  readonly importTimeoutSeconds: number;
  /** Seconds between two tries of an import, at most; default 10. */
  readonly importErrorSleepSeconds: number;
}

/** A presigned URL lives a week at most, and no import may outlive the URLs it reads. */
const WEEK_SECONDS = 7 * 24 * 3600;

/** @throws RelytError LOADER_CONFIG_INVALID */
export function readImportLimits(read: S3FieldReader): ImportLimits {
  return {
    importTimeoutSeconds: read.integer('import_timeout', 1800, { min: 1, max: WEEK_SECONDS }),
    importErrorSleepSeconds: read.integer('import_error_sleep_time', 10, { min: 0, max: 3600 }),
  };
}
