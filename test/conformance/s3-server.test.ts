import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningS3Server, startS3Server } from 'relyt-dev';
import { afterAll } from 'vitest';
import { AS_DOCUMENTED } from './s3/server-under-test.ts';
import { s3ServerSuite } from './s3/suite.ts';

const account = { accessKey: 'CONFORMANCE', secretKey: 'secret/with+odd=characters' };
let dataDir: string | undefined;
let server: RunningS3Server | undefined;

s3ServerSuite('the S3 server of relyt-dev', async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'relyt-s3-conformance-'));
  server = await startS3Server({ ...account, dataDir });
  return {
    ...account,
    endpoint: server.endpoint,
    region: 'us-east-1',
    features: { ...AS_DOCUMENTED, etagIsMd5: false },
  };
});

// After the suite's own clean-up.
afterAll(async () => {
  await server?.stop();
  if (dataDir !== undefined) rmSync(dataDir, { recursive: true });
});
