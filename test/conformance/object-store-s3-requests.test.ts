/** What S3ObjectStore says to the server, and what it makes of servers that lack something. */

import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { S3ObjectStore } from '../../src/staging/s3-object-store.ts';
import { S3Proxy } from '../support/s3-proxy.ts';
import {
  httpGet,
  settingsFor,
  startTestServer,
  type TestServer,
  withServer,
} from './object-store-s3-fixture.ts';

const PART_BYTES = 5 * 1024 * 1024;

let server: TestServer;
const stores: S3ObjectStore[] = [];
beforeAll(async () => {
  server = await startTestServer();
});
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
});
afterAll(async () => server?.dispose());

function storeWith(changes: object, endpoint = server.settings.endpoint): S3ObjectStore {
  const store = new S3ObjectStore(settingsFor(endpoint, changes));
  stores.push(store);
  return store;
}

async function startProxy(): Promise<S3Proxy> {
  const proxy = await S3Proxy.start(server.settings.endpoint);
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  return proxy;
}

async function readAll(store: S3ObjectStore, key: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await store.readObject(key)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

interface Seen {
  /** PutObject, CreateMultipartUpload … */
  readonly operation: string;
  readonly headers: IncomingHttpHeaders;
}

/** Does one of everything, and returns the requests that arrived at the server. */
async function requestsOf(changes: object): Promise<readonly Seen[]> {
  const proxy = await startProxy();
  const seen: Seen[] = [];
  proxy.faultOf = ({ method, path, headers }) => {
    seen.push({ operation: operationOf(method, path), headers });
    return undefined;
  };
  await doEverything(storeWith(changes, proxy.endpoint));
  return seen;
}

/** The same, of a server that believes everything: ours does not encrypt, and says so. */
async function requestsToBeliever(changes: object): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  const believe: RequestListener = (request, response) => {
    request.resume();
    const operation = operationOf(request.method ?? '', request.url ?? '');
    seen.push({ operation, headers: request.headers });
    response.setHeader('etag', '"e"');
    response.end(BODIES[operation] ?? '');
  };
  await withServer(believe, (endpoint) => doEverything(storeWith(changes, endpoint)));
  return seen;
}

const BODIES: Readonly<Record<string, string>> = {
  CreateMultipartUpload:
    '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>',
  CompleteMultipartUpload:
    '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>',
  DeleteObjects: '<DeleteResult/>',
  GET: '2',
};

async function doEverything(store: S3ObjectStore): Promise<void> {
  const key = 'wire/a.csv';
  await store.putObject({ key, chunks: [Buffer.from('1\n')] });
  const uploadId = await store.createMultipart({ key });
  const part = await store.uploadPart({ key, uploadId, partNumber: 1, chunks: [Buffer.from('2')] });
  await store.completeMultipart({ key, uploadId, parts: [{ ...part, partNumber: 1 }] });
  expect((await readAll(store, key)).toString()).toBe('2');
  await store.headObject(key);
  await store.deleteObjects([key, 'wire/b.csv']);
}

function operationOf(method: string, path: string): string {
  if (/[?&]uploads/.test(path)) return 'CreateMultipartUpload';
  if (/[?&]partNumber=/.test(path)) return 'UploadPart';
  if (/[?&]uploadId=/.test(path)) return 'CompleteMultipartUpload';
  if (/[?&]delete/.test(path)) return 'DeleteObjects';
  return method;
}

const EVERYTHING = [
  'PUT',
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
  'GET',
  'HEAD',
  'DeleteObjects',
];

describe('server-side encryption', () => {
  it.each([
    [{ server_side_encryption: 'AES256' }, ['AES256', undefined]],
    [{ server_side_encryption: 'aws:kms' }, ['aws:kms', undefined]],
    [
      { server_side_encryption: 'aws:kms:dsse', sse_kms_key_id: 'alias/staging' },
      ['aws:kms:dsse', 'alias/staging'],
    ],
  ])('%j is asked for where an object is made, and nowhere else', async (changes, wanted) => {
    const seen = await requestsToBeliever(changes);
    expect(seen.map(({ operation }) => operation)).toEqual(EVERYTHING);
    for (const { operation, headers } of seen) {
      const makesObject = operation === 'PUT' || operation === 'CreateMultipartUpload';
      expect([
        operation,
        headers['x-amz-server-side-encryption'],
        headers['x-amz-server-side-encryption-aws-kms-key-id'],
      ]).toEqual([operation, ...(makesObject ? wanted : [undefined, undefined])]);
    }
  });

  it('G8: a server that does not encrypt refuses, and nothing is stored in the clear', async () => {
    const store = storeWith({ server_side_encryption: 'AES256' });
    const key = 'wire/clear.csv';
    const refused = { code: 'S3_ERROR', details: { s3Error: 'NotImplemented' } };
    const put = store.putObject({ key, chunks: [Buffer.from('1')] });
    await expect(put).rejects.toMatchObject(refused);
    await expect(store.createMultipart({ key })).rejects.toMatchObject(refused);
    expect(await store.headObject(key)).toBeUndefined();
  });

  it('without the setting nothing is said about it', async () => {
    const names = (await requestsToBeliever({})).flatMap(({ headers }) => Object.keys(headers));
    expect(names.filter((name) => name.includes('encryption'))).toEqual([]);
  });
});

describe('a session token', () => {
  const session_token = 'FwoGZXIvYXdzE//////////token+with=signs';

  it('goes with every request, signed', async () => {
    const seen = await requestsOf({ session_token });
    expect(seen.map(({ operation }) => operation)).toEqual(EVERYTHING);
    for (const { headers } of seen) {
      expect(headers['x-amz-security-token']).toBe(session_token);
      expect(headers.authorization).toMatch(/SignedHeaders=[^,]*x-amz-security-token/);
    }
  });

  it('is part of presigned URLs, which work', async () => {
    const store = storeWith({ session_token });
    await store.putObject({ key: 'wire/token.csv', chunks: [Buffer.from('1\n')] });
    const url = await store.presignGet('wire/token.csv', 60);
    expect(new URL(url).searchParams.get('X-Amz-Security-Token')).toBe(session_token);
    expect(await httpGet(url)).toMatchObject({ status: 200, body: Buffer.from('1\n') });
    expect((await httpGet(url.replace('FwoGZX', 'XXXXXX'))).status).toBe(403);
  });
});

describe('reading an object', () => {
  it('asks for the stored bytes with a header that a proxy may change without breaking the signature', async () => {
    const seen = await requestsOf({});
    const get = seen.find(({ operation }) => operation === 'GET');
    expect(get?.headers['accept-encoding']).toBe('gzip');
    expect(get?.headers.authorization).not.toContain('accept-encoding');
  });

  it('G4: a transfer that breaks off is an error, after the bytes that came', async () => {
    const body = Buffer.alloc(PART_BYTES, 'x');
    await storeWith({}).putObject({ key: 'wire/cut.csv', chunks: [body] });
    const proxy = await startProxy();
    proxy.faultOf = ({ method }) => (method === 'GET' ? { cutAfterBytes: 100_000 } : undefined);
    const store = storeWith({}, proxy.endpoint);
    let received = 0;
    const reading = (async () => {
      for await (const chunk of await store.readObject('wire/cut.csv')) received += chunk.length;
    })();
    await expect(reading).rejects.toMatchObject({
      code: 'S3_UNREACHABLE',
      details: { s3Error: 'ECONNRESET' },
      message: expect.stringContaining('S3 GetObject of "wire/cut.csv" in s3://'),
    });
    expect(received).toBeGreaterThan(0);
    expect(received).toBeLessThanOrEqual(100_000);
  });

  it('G4: an answer without a length is refused: its end could be anywhere', async () => {
    const unknownLength: RequestListener = (_request, response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' });
      response.end('1\n');
    };
    await withServer(unknownLength, async (endpoint) => {
      await expect(storeWith({}, endpoint).readObject('a.csv')).rejects.toMatchObject({
        code: 'S3_ERROR',
        message: expect.stringContaining('without Content-Length'),
      });
    });
  });

  it('is tried again while it has not begun', async () => {
    let requests = 0;
    const busyOnce: RequestListener = (_request, response) => {
      requests++;
      if (requests === 1) response.writeHead(503).end();
      else response.writeHead(200, { 'content-length': '2' }).end('1\n');
    };
    await withServer(busyOnce, async (endpoint) => {
      expect((await readAll(storeWith({}, endpoint), 'a.csv')).toString()).toBe('1\n');
    });
    expect(requests).toBe(2);
  });
});

describe('servers that do not delete many objects at once', () => {
  it.each([
    ['that have no such operation (R2 once, small servers)', 501, 'NotImplemented'],
    ['that insist on Content-MD5 (Swift)', 400, 'InvalidRequest'],
    ['that insist on Content-MD5, in other words', 400, 'MissingContentMD5'],
    ['that do not take POST', 405, 'MethodNotAllowed'],
    ['that do not know the query (Google)', 400, 'InvalidArgument'],
    ['that answer without a word', 501, undefined],
  ])('%s: one at a time, asked once', async (_, status, code) => {
    const requests: string[] = [];
    const withoutMultiDelete: RequestListener = (request, response) => {
      request.resume();
      const path = request.url?.replace(/\?.*/, '') ?? '';
      requests.push(`${request.method} ${path}`);
      if (request.method === 'DELETE') return response.writeHead(204).end();
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(code === undefined ? '' : `<Error><Code>${code}</Code></Error>`);
      return;
    };
    const keys = Array.from({ length: 1001 }, (_unused, i) => `k/${i}.csv`);
    await withServer(withoutMultiDelete, async (endpoint) => {
      await storeWith({}, endpoint).deleteObjects(keys);
    });
    expect(requests.filter((line) => line.startsWith('POST'))).toEqual(['POST /staging/']);
    const deleted = requests.filter((line) => line.startsWith('DELETE'));
    expect(deleted.toSorted()).toEqual(keys.map((key) => `DELETE /staging/${key}`).toSorted());
  });

  it('a server that refuses the keys is not asked for each object', async () => {
    const requests: (string | undefined)[] = [];
    const denied: RequestListener = (request, response) => {
      request.resume();
      requests.push(request.method);
      response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
    };
    await withServer(denied, async (endpoint) => {
      const deleting = storeWith({}, endpoint).deleteObjects(['a.csv', 'b.csv']);
      await expect(deleting).rejects.toMatchObject({ code: 'S3_ACCESS_DENIED' });
    });
    expect(requests).toEqual(['POST']);
  });
});
