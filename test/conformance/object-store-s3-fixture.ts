import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { normalizeS3Settings, type S3Settings } from '../../src/core/s3-settings.ts';
import { type S3ServerOptions, startS3Server } from '../../src/embedded/s3/server.ts';

const BUCKET = 'staging';
export const ACCESS_KEY = 'testaccesskey';
export const SECRET_KEY = 'testsecretkey0123456789';

export interface TestServer {
  readonly settings: S3Settings;
  readonly dispose: () => Promise<void>;
}

/** A real S3 server over a temporary folder. */
export async function startTestServer(options: Partial<S3ServerOptions> = {}): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'relyt-s3-'));
  const identity = { accessKey: ACCESS_KEY, secretKey: SECRET_KEY };
  const server = await startS3Server({ dataDir, ...identity, buckets: [BUCKET], ...options });
  return {
    settings: settingsFor(server.endpoint),
    dispose: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export function settingsFor(endpoint: string, changes: object = {}): S3Settings {
  const keys = { access_key: ACCESS_KEY, secret_key: SECRET_KEY };
  const raw = { endpoint, region: 'us-east-1', bucket_name: BUCKET, ...keys, ...changes };
  return normalizeS3Settings(raw, 'the test');
}

/** Plain HTTP: `fetch` would undo a content encoding. */
export function httpGet(
  url: string,
): Promise<{ status: number | undefined; body: Buffer; contentEncoding: string | undefined }> {
  return new Promise((resolve, reject) => {
    const get = request(url, { agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const contentEncoding = response.headers['content-encoding'];
        resolve({ status: response.statusCode, body: Buffer.concat(chunks), contentEncoding });
      });
    });
    get.once('error', reject);
    get.end();
  });
}

/** Runs `use` against an HTTP server that answers as told. */
export async function withServer<T>(
  answer: RequestListener,
  use: (endpoint: string) => Promise<T>,
): Promise<T> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
