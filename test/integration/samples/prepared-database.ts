import { Database } from '../../../src/database/database.ts';
import { prepareDatabase } from '../../../src/prepare/prepare-database.ts';
import type { TestDatabase } from '../../support/database.ts';
import { testStack } from '../../support/stack.ts';

export interface PreparedAs {
  /** Prefix of the staged files. */
  readonly prefix: string;
  /** Roles that are to load. */
  readonly roles: readonly string[];
}

/** What `relyt init` does for a new database, with the S3 server of the test run. */
export async function prepareAsInit(
  { url }: TestDatabase,
  { prefix, roles }: PreparedAs,
): Promise<void> {
  const { endpoint, bucket, region, accessKey, secretKey } = testStack().s3;
  const database = new Database(
    { connectionString: url },
    { connections: 1, applicationName: 'relyt' },
  );
  try {
    await prepareDatabase(database, {
      engine: 'postgres',
      roles,
      s3: {
        endpoint,
        region,
        bucket_name: bucket,
        prefix,
        access_key: accessKey,
        secret_key: secretKey,
      },
      trusted: {},
      s3Fallback: {},
      locations: [],
    });
  } finally {
    await database.close();
  }
}
