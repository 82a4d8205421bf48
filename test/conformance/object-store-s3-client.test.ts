/** A client that the caller brings: it makes the requests, and the settings say what the database is handed. */

import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it, vi } from 'vitest';
import { S3ObjectStore } from '../../src/staging/s3-object-store.ts';
import {
  ACCESS_KEY,
  httpGet,
  SECRET_KEY,
  settingsFor,
  startTestServer,
} from './object-store-s3-fixture.ts';
import { objectStoreSuite } from './object-store-suite.ts';

const WITHOUT_KEYS = { access_key: '', secret_key: '' };
const SERVER = 'http://s3.of-the-settings.example';

/** With the defaults of the SDK: checksums, several attempts, timeouts of its own. */
function clientOf(endpoint: string): S3Client {
  const credentials = { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY };
  return new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
}

objectStoreSuite('S3, by a client of the caller', async () => {
  const server = await startTestServer();
  const { endpoint } = server.settings;
  const client = clientOf(endpoint);
  const store = new S3ObjectStore({ ...settingsFor(endpoint, WITHOUT_KEYS), client });
  return {
    store,
    read: async (key) => {
      const { status, body, contentEncoding } = await httpGet(await store.presignGet(key, 60));
      if (status !== 200) throw new Error(`GET ${key}: HTTP ${status}`);
      return { body, contentEncoding };
    },
    dispose: async () => {
      store.close();
      client.destroy();
      await server.dispose();
    },
  };
});

describe('a URL for the database', () => {
  async function signedBy(keys: object): Promise<URL> {
    const client = clientOf('http://s3.of-the-client.example');
    const store = new S3ObjectStore({ ...settingsFor(SERVER, keys), client });
    try {
      return new URL(await store.presignGet('key', 60));
    } finally {
      store.close();
      client.destroy();
    }
  }

  it('has the endpoint of the settings, and is signed with their keys', async () => {
    const url = await signedBy({ access_key: 'AKOFTHEDATABASE', secret_key: 'of-the-database' });
    expect(url.origin).toBe(SERVER);
    expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^AKOFTHEDATABASE\//);
  });

  it('is signed with the keys of the client where the settings have none', async () => {
    const url = await signedBy(WITHOUT_KEYS);
    expect(url.origin).toBe(SERVER);
    expect(url.searchParams.get('X-Amz-Credential')).toMatch(new RegExp(`^${ACCESS_KEY}/`));
  });
});

describe('closing the store', () => {
  async function used(
    client: NonNullable<ConstructorParameters<typeof S3ObjectStore>[0]['client']>,
  ) {
    const store = new S3ObjectStore({ ...settingsFor(SERVER), client });
    await store.presignGet('key', 60);
    store.close();
    // It destroys what it made as soon as that is made.
    await new Promise((resolve) => setImmediate(resolve));
  }

  it('destroys no client of the caller, and no request handler', async () => {
    const client = clientOf(SERVER);
    const destroyed = vi.spyOn(client, 'destroy');
    await used(client);
    const handler = { handle: () => Promise.reject(new Error('unused')), destroy: vi.fn() };
    await used({ requestHandler: handler });
    expect(destroyed).not.toHaveBeenCalled();
    expect(handler.destroy).not.toHaveBeenCalled();
    client.destroy();
  });

  it('destroys the client that it made of a configuration', async () => {
    const destroyed = vi.spyOn(S3Client.prototype, 'destroy');
    await used({ region: 'us-east-1' });
    expect(destroyed).toHaveBeenCalledTimes(2);
    destroyed.mockRestore();
  });
});
