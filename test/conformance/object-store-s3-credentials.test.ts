/** Settings without keys: the credentials of this process, found as AWS's own tools find them. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { RelytError } from '../../src/errors.ts';
import { S3ObjectStore } from '../../src/staging/s3-object-store.ts';
import {
  ACCESS_KEY,
  httpGet,
  SECRET_KEY,
  settingsFor,
  startTestServer,
  type TestServer,
  withServer,
} from './object-store-s3-fixture.ts';

const WITHOUT_KEYS = { access_key: '', secret_key: null };
const KEYS = { AWS_ACCESS_KEY_ID: ACCESS_KEY, AWS_SECRET_ACCESS_KEY: SECRET_KEY };
const TOKEN = 'token/of+the=environment';

let server: TestServer;
let folder: string;
const stores: S3ObjectStore[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'relyt-aws-'));
  server = await startTestServer();
});
// Nothing of the machine the tests run on may be found.
beforeEach(() => {
  for (const name of Object.keys(process.env).filter((key) => key.startsWith('AWS_')))
    vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'no-config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'no-credentials'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const store of stores.splice(0)) store.close();
});
afterAll(async () => {
  await server?.dispose();
  rmSync(folder, { recursive: true });
});

function environment(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

function storeWith(changes: object, endpoint = server.settings.endpoint): S3ObjectStore {
  const store = new S3ObjectStore(settingsFor(endpoint, changes));
  stores.push(store);
  return store;
}

/** By its own signed requests, and by a presigned URL. */
async function expectToWork(store: S3ObjectStore): Promise<URL> {
  const key = 'chain/a.csv';
  await store.putObject({ key, chunks: [Buffer.from('1\n')] });
  for await (const chunk of await store.readObject(key)) expect(chunk.toString()).toBe('1\n');
  const url = await store.presignGet(key, 60);
  expect(await httpGet(url)).toMatchObject({ status: 200, body: Buffer.from('1\n') });
  await store.deleteObject(key);
  return new URL(url);
}

async function failureOf(store: S3ObjectStore): Promise<RelytError> {
  return await store.putObject({ key: 'a.csv', chunks: [Buffer.from('1\n')] }).then(
    () => Promise.reject(new Error('it did not fail')),
    (error: RelytError) => error,
  );
}

it('takes keys from the environment', async () => {
  environment(KEYS);
  const url = await expectToWork(storeWith(WITHOUT_KEYS));
  expect(url.searchParams.get('X-Amz-Security-Token')).toBeNull();
});

it('takes temporary keys with their token, presigned URLs too', async () => {
  environment({ ...KEYS, AWS_SESSION_TOKEN: TOKEN });
  const url = await expectToWork(storeWith(WITHOUT_KEYS));
  expect(url.searchParams.get('X-Amz-Security-Token')).toBe(TOKEN);
});

it('takes keys from a profile', async () => {
  const file = join(folder, 'credentials');
  writeFileSync(
    file,
    `[loader]\naws_access_key_id = ${ACCESS_KEY}\naws_secret_access_key = ${SECRET_KEY}\n`,
  );
  environment({ AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: 'loader' });
  await expectToWork(storeWith(WITHOUT_KEYS));
});

it('takes keys from the credentials service of a container', async () => {
  const answer = { AccessKeyId: ACCESS_KEY, SecretAccessKey: SECRET_KEY, Token: TOKEN };
  const expiration = new Date(Date.now() + 3600_000).toISOString();
  const service: RequestListener = (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ...answer, Expiration: expiration }));
  };
  await withServer(service, async (endpoint) => {
    environment({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}/role` });
    const url = await expectToWork(storeWith(WITHOUT_KEYS));
    expect(url.searchParams.get('X-Amz-Security-Token')).toBe(TOKEN);
  });
});

it('keys of the settings count more than those of the process', async () => {
  environment({ AWS_ACCESS_KEY_ID: 'SOMEBODYELSE', AWS_SECRET_ACCESS_KEY: 'x' });
  await expectToWork(storeWith({}));
});

it('G8: without any, the error names both ways to give some', async () => {
  const store = storeWith(WITHOUT_KEYS);
  const error = await failureOf(store);
  expect(error).toMatchObject({
    code: 'S3_AUTH_FAILED',
    details: { s3Error: 'CredentialsProviderError' },
    hint: expect.stringMatching(/access_key and secret_key in LOADER_CONFIG.*AWS_ACCESS_KEY_ID/),
  });
  await expect(store.presignGet('a.csv', 60)).rejects.toMatchObject({ code: 'S3_AUTH_FAILED' });
});

it('G7: keys that were found are in no error, whatever the server says', async () => {
  const found = { AWS_ACCESS_KEY_ID: 'AKFOUND', AWS_SECRET_ACCESS_KEY: 'foundsecret' };
  environment({ ...found, AWS_SESSION_TOKEN: TOKEN });
  const secrets = [...Object.values(found), TOKEN];
  const telltale: RequestListener = (request, response) => {
    request.resume();
    response.writeHead(400, { 'content-type': 'application/xml' });
    response.end(`<Error><Code>Odd</Code><Message>You are ${secrets.join(' ')}</Message></Error>`);
  };
  const error = await withServer(telltale, (endpoint) =>
    failureOf(storeWith(WITHOUT_KEYS, endpoint)),
  );
  const printed = inspect(error, { depth: 20, showHidden: true });
  expect(printed).toContain('You are … … …');
  for (const secret of secrets) expect(printed).not.toContain(secret);
});
