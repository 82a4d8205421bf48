import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  type RawAnswer,
  type RawRequest,
  sendSigned,
} from '../../../../test/conformance/s3/raw-request.ts';
import {
  type RunningS3Server,
  type S3ServerOptions,
  startS3Server,
} from '../../../src/s3/server.ts';

const ACCOUNT = { accessKey: 'UNITTEST', secretKey: 'unit-test-secret' };

/** A data folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'relyt-s3-unit-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface StartedServer extends RunningS3Server {
  readonly account: typeof ACCOUNT & { readonly endpoint: string; readonly region: string };
  send(request: RawRequest): Promise<RawAnswer>;
}

/** A server with the bucket `bucket`, stopped after the test. */
export async function startServer(
  dataDir: string,
  options: Partial<S3ServerOptions> = {},
): Promise<StartedServer> {
  const server = await startS3Server({ ...ACCOUNT, dataDir, buckets: ['bucket'], ...options });
  onTestFinished(() => server.stop());
  const account = { ...ACCOUNT, endpoint: server.endpoint, region: 'us-east-1' };
  return { ...server, account, send: (request) => sendSigned(account, request) };
}

/** All files below a folder, relative to it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
}

export function element(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
}
