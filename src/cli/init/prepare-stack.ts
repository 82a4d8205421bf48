import { withConnection } from '../connection-options.ts';
import type { DevStack } from '../dev-package.ts';
import type { Prepared } from './preparation.ts';
import { prepareDatabase } from './prepare-database.ts';

/** Prepares the database of a stack as `relyt init` does, with the S3 server beside it. */
export function prepareStack(stack: DevStack): Promise<Prepared> {
  const { endpoint, bucket, region, accessKey, secretKey } = stack.s3;
  return withConnection({ databaseUrl: stack.postgres.url }, (database) =>
    prepareDatabase(database, {
      engine: 'postgres',
      roles: [],
      s3: {
        endpoint,
        region,
        bucket_name: bucket,
        prefix: 'staged',
        access_key: accessKey,
        secret_key: secretKey,
      },
      trusted: {},
      s3Fallback: {},
      locations: [],
    }),
  );
}
