import type { RequestListener } from 'node:http';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
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
import { objectStoreSuite } from './object-store-suite.ts';

objectStoreSuite('S3', async () => {
  const server = await startTestServer();
  const store = new S3ObjectStore(server.settings);
  return {
    store,
    read: async (key) => {
      const { status, body, contentEncoding } = await httpGet(await store.presignGet(key, 60));
      if (status !== 200) throw new Error(`GET ${key}: HTTP ${status}`);
      return { body, contentEncoding };
    },
    dispose: async () => {
      store.close();
      await server.dispose();
    },
  };
});

const HOUR_MS = 3600_000;

describe('S3ObjectStore', () => {
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

  async function failure(store: S3ObjectStore): Promise<RelytError> {
    const put = store.putObject({ key: 'secret-test.csv', chunks: [Buffer.from('1\n')] });
    return await put.then(
      () => Promise.reject(new Error('it did not fail')),
      (error: RelytError) => error,
    );
  }

  it.each([
    ['S3_AUTH_FAILED', 'InvalidAccessKeyId', { access_key: 'unknown' }],
    ['S3_AUTH_FAILED', 'SignatureDoesNotMatch', { secret_key: 'wrongsecret' }],
    ['S3_AUTH_FAILED', 'AuthorizationHeaderMalformed', { region: 'eu-west-1' }],
    ['S3_BUCKET_MISSING', 'NoSuchBucket', { bucket_name: 'no-such-bucket' }],
  ])('G8: reports %s (%s)', async (code, s3Error, changes) => {
    const error = await failure(storeWith(changes));
    expect(error).toMatchObject({ code, details: { s3Error } });
    expect(error.message).toContain('S3 PutObject of "secret-test.csv" in s3://');
    expect(error.message).toContain(server.settings.endpoint);
  });

  it('G8: reports an endpoint where nothing listens', async () => {
    const unused = await withServer(
      () => {},
      async (endpoint) => endpoint,
    );
    expect(await failure(storeWith({}, unused))).toMatchObject({
      code: 'S3_UNREACHABLE',
      details: { s3Error: 'ECONNREFUSED' },
    });
  });

  it('G7: no secret reaches an error, however it is printed', async () => {
    const session_token = 'sessiontokensecret';
    const error = await failure(storeWith({ secret_key: `${SECRET_KEY}x`, session_token }));
    const printed = inspect(error, { depth: 20, showHidden: true });
    expect(error.code).toBe('S3_AUTH_FAILED');
    for (const secret of [SECRET_KEY, session_token, ACCESS_KEY, 'Signature=']) {
      expect(printed).not.toContain(secret);
    }
  });

  it('corrects a wrong clock of this machine', async () => {
    const ahead = await startTestServer({ now: () => new Date(Date.now() + HOUR_MS) });
    onTestFinished(ahead.dispose);
    const store = storeWith({}, ahead.settings.endpoint);
    await store.putObject({ key: 'a.csv', chunks: [Buffer.from('1\n')] });
    await store.deleteObjects(['a.csv', 'b.csv']);
  });

  it('corrects it after a refusal without a body too', async () => {
    const serverTime = new Date(Date.now() + HOUR_MS);
    const ahead: RequestListener = (request, response) => {
      const inTime = sameMinutes(String(request.headers['x-amz-date']), serverTime);
      response.writeHead(inTime ? 404 : 403, { date: serverTime.toUTCString() }).end();
    };
    await withServer(ahead, async (endpoint) => {
      expect(await storeWith({}, endpoint).headObject('a.csv')).toBeUndefined();
    });
  });

  it('presigns with the time of the server', async () => {
    const serverTime = new Date(Date.now() + HOUR_MS);
    const ahead: RequestListener = (request, response) => {
      request.resume();
      response.writeHead(200, { date: serverTime.toUTCString() }).end();
    };
    const url = await withServer(ahead, async (endpoint) => {
      const store = storeWith({}, endpoint);
      await store.putObject({ key: 'a.csv', chunks: [Buffer.from('1\n')] });
      return new URL(await store.presignGet('a.csv', 60));
    });
    expect(sameMinutes(url.searchParams.get('X-Amz-Date') ?? '', serverTime)).toBe(true);
  });

  it('presigns a plain GET: any extra parameter is one more that a client may not send', async () => {
    const url = new URL(await storeWith({}).presignGet('a/b.csv', 90));
    expect(url.pathname).toBe('/staging/a/b.csv');
    expect(url.searchParams.get('X-Amz-Expires')).toBe('90');
    expect([...url.searchParams.keys()].filter((key) => /checksum/i.test(key))).toEqual([]);
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('host');
  });

  it('looks again when S3 asks for patience, but leaves repeating a write to the upload', async () => {
    let requests = 0;
    const busyTwice: RequestListener = (_request, response) => {
      requests++;
      response.writeHead(requests <= 2 ? 503 : 404).end();
    };
    await withServer(busyTwice, async (endpoint) => {
      expect(await storeWith({}, endpoint).headObject('a.csv')).toBeUndefined();
      expect(requests).toBe(3);
      requests = 0;
      expect(await failure(storeWith({}, endpoint))).toMatchObject({ code: 'S3_UNAVAILABLE' });
      expect(requests).toBe(1);
    });
  });

  it('ends a request that hangs when its signal fires', async () => {
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    await withServer(
      () => arrived(),
      async (endpoint) => {
        const controller = new AbortController();
        const looking = storeWith({}, endpoint).headObject('a.csv', controller.signal);
        await arrival;
        controller.abort();
        await expect(looking).rejects.toMatchObject({ code: 'ABORTED' });
      },
    );
  });

  it('cannot be used after close()', async () => {
    const store = storeWith({});
    store.close();
    expect(await failure(store)).toMatchObject({ code: 'CLOSED' });
  });
});

/** Whether a time as S3 writes it, 20261122T101500Z, is within five minutes of another. */
function sameMinutes(amzDate: string, time: Date): boolean {
  const pattern = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;
  const iso = amzDate.replace(pattern, '$1-$2-$3T$4:$5:$6Z');
  return Math.abs(Date.parse(iso) - time.getTime()) < 5 * 60_000;
}
