import type { AccessConfig } from '../config/access-config.ts';
import { resolveAccess } from '../config/access-schema.ts';
import type { Database } from '../database/database.ts';
import { S3ObjectStore } from '../staging/s3-object-store.ts';
import type { Staging } from '../staging/staging-place.ts';
import { readS3Settings } from '../task/read-s3-settings.ts';

/** Runs `work` with the bucket of the database's settings; its connections are closed afterwards. */
export async function withStaging<T>(
  config: AccessConfig,
  database: Database,
  work: (staging: Staging) => Promise<T>,
): Promise<T> {
  const s3 = await readS3Settings(database.sharedReads(), resolveAccess(config));
  const store = new S3ObjectStore(s3);
  try {
    return await work({ store, s3 });
  } finally {
    store.close();
  }
}
