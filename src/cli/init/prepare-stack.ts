import type { Prepared } from '../../prepare/preparation.ts';
import type { DevStack } from '../dev-package.ts';
import { handleOf } from '../handle.ts';

/** Prepares the database of a stack as `relyt init` does, with the S3 server beside it. */
export function prepareStack({ postgres, s3 }: DevStack): Promise<Prepared> {
  const { endpoint, bucket, region, accessKey, secretKey } = s3;
  return handleOf({ databaseUrl: postgres.url }).prepare({
    engine: 'postgres',
    s3: { endpoint, region, bucket, prefix: 'staged', accessKey, secretKey },
  });
}
