import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type RunningS3Server, startS3Server } from '../../src/embedded/s3/server.ts';
import { s3ServerSuite } from './s3/suite.ts';

const account = { accessKey: 'CONFORMANCE', secretKey: 'secret/with+odd=characters' };
const dataDir = mkdtempSync(join(tmpdir(), 'relyt-s3-conformance-'));
let server: RunningS3Server | undefined;

s3ServerSuite('the embedded S3 server', async () => {
  server = await startS3Server({ ...account, dataDir });
  return {
    ...account,
    endpoint: server.endpoint,
    region: 'us-east-1',
    features: {
      checksums: true,
      nonAsciiMetadata: true,
      refusesUnsignedHeaders: true,
      errorMessages: true,
    },
  };
});

// After the suite's own clean-up.
afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true });
});
