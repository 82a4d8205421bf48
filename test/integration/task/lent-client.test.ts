// G5, G7, G8: a client of S3 that the caller brings sends what the loader sends, stays the caller's, and shows no secret.

import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import type { BulkProcessorConfig } from '../../../src/config/load-config.ts';
import type { S3Config } from '../../../src/config/s3-config.ts';
import { connect } from '../../../src/connected.ts';
import { listKeys } from '../../support/bucket.ts';
import {
  failureOf,
  generate,
  type LoadOptions,
  s3Config,
  type TestTarget,
  targetsOn,
} from '../../support/loading.ts';
import { defaultServer, testStack } from '../../support/stack.ts';

const makeTarget = targetsOn(defaultServer());
const record = (id: number) => ({ id, v: `value ${id}` });
const WRONG = 'a-secret-that-no-server-knows';

/** What a program has in its own client. */
function clientConfig(secret: string = testStack().s3.secretKey): S3ClientConfig {
  const { endpoint, region, accessKey } = testStack().s3;
  const credentials = { accessKeyId: accessKey, secretAccessKey: secret };
  return { endpoint, region, credentials, forcePathStyle: true };
}

/** Counts what it sends. */
function countingClient(): { client: S3Client; readonly sent: Set<string> } {
  const client = new S3Client(clientConfig());
  const sent = new Set<string>();
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        sent.add(String(commandName));
        return next(args);
      },
    { step: 'initialize', name: 'counting' },
  );
  return { client, sent };
}

/** Of the settings, only the place: a database without S3 settings of its own. */
function withClient(
  target: TestTarget,
  client: S3Config['client'],
  options: LoadOptions = {},
): BulkProcessorConfig {
  const { accessKey: _, secretKey: __, ...place } = s3Config();
  return { ...target.config(options), s3: { ...place, prefix: target.prefix, client } };
}

async function load(config: BulkProcessorConfig): Promise<void> {
  await using processor = await BulkProcessor.create(config);
  await processor.insert(generate(10, record));
  await processor.shutdown();
}

describe.each(['postgres', 'copy'] as const)('a client of the caller, engine %s', (engine) => {
  test('uploads, reads and deletes, and is not destroyed', async () => {
    const target = await makeTarget('id int, v text');
    const { client, sent } = countingClient();
    try {
      await load(withClient(target, client, { engine }));
      await load(withClient(target, client, { engine, compression: 'gzip' }));
    } finally {
      client.destroy();
    }
    expect(await target.count()).toBe(20);
    expect(await listKeys(target.prefix)).toEqual([]);
    expect([...sent]).toContain('PutObjectCommand');
    // The database downloads by a signed URL, the engine copy through the loader.
    expect(sent.has('GetObjectCommand')).toBe(engine === 'copy');
  });

  test('may be a configuration: what it leaves out comes from the settings', async () => {
    const target = await makeTarget('id int, v text');
    const { credentials } = clientConfig();
    await load(withClient(target, { credentials }, { engine }));
    const { s3, ...config } = target.config({ engine });
    await load({ ...config, s3: { ...s3, client: { maxAttempts: 2 } } });
    expect(await target.count()).toBe(20);
  });
});

test('the keys of the settings sign for the database, those of the client for the loader', async () => {
  const target = await makeTarget('id int, v text');
  // With its own keys the loader could do nothing.
  const config = target.config({ engine: 'postgres' });
  await load({ ...config, s3: { ...config.s3, client: new S3Client(clientConfig()) } });
  expect(await target.count()).toBe(10);
  const wrong = { ...config, s3: { ...config.s3, client: clientConfig(WRONG) } };
  const failure = await failureOf(load(wrong));
  expect(failure).toMatchObject({ code: 'S3_AUTH_FAILED' });
  expect(failure.message).toContain('by s3.client');
  expect(JSON.stringify(failure)).not.toContain(WRONG);
});

test('a secret of the client shows in no error, whatever sends it (G7)', async () => {
  const target = await makeTarget('id int, v text');
  const client = new S3Client(clientConfig(WRONG));
  client.middlewareStack.add(
    () => () => {
      throw new Error(`middleware of the caller: ${WRONG}`);
    },
    { step: 'finalizeRequest', name: 'leaking' },
  );
  const failure = await failureOf(load(withClient(target, client, { engine: 'copy' })));
  expect(`${failure.stack} ${failure.cause} ${JSON.stringify(failure)}`).not.toContain(WRONG);
  client.destroy();
});

test('a request handler that came in a configuration is not destroyed', async () => {
  const target = await makeTarget('id int, v text');
  const { client, sent } = countingClient();
  const { requestHandler } = client.config;
  let destroyed = 0;
  const watched = {
    handle: requestHandler.handle.bind(requestHandler),
    destroy: () => {
      destroyed++;
    },
  };
  await load(
    withClient(target, { ...clientConfig(), requestHandler: watched }, { engine: 'copy' }),
  );
  expect(destroyed).toBe(0);
  expect(sent.size).toBe(0);
  client.destroy();
});

test('a handle hands it on to gc and doctor', async () => {
  const target = await makeTarget('id int, v text');
  const { client, sent } = countingClient();
  const { s3, postgresql } = withClient(target, client);
  const { table: _, schema: __, ...connection } = postgresql;
  await using relyt = await connect({ postgresql: connection, s3 });
  await relyt.gc({ dryRun: true });
  expect([...sent]).toContain('ListObjectsV2Command');
  expect((await relyt.doctor({ table: target.table })).ok).toBe(true);
  client.destroy();
});

describe('what makes no sense is refused (G8)', () => {
  const client = clientConfig();
  test.each([
    ['something else', { client: 'a client' as never }, {}, /s3\.client: expected an S3Client/],
    [
      'a member that is undefined',
      { client: { region: undefined } },
      {},
      /client\.region is undef/,
    ],
    [
      'a function for keys beside it',
      { client, credentials: () => ({ accessKeyId: 'a', secretAccessKey: 'b' }) },
      {},
      /s3\.credentials leaves no use for s3\.client/,
    ],
    ['an engine without S3', { client }, { engine: 'direct' }, /so s3\.client has no use/],
  ] as const)('%s', async (_, s3, options, message) => {
    const target = await makeTarget('id int, v text');
    const config = { ...target.config(options), s3: { ...s3 } };
    const failure = await failureOf(BulkProcessor.create(config as BulkProcessorConfig));
    expect(failure).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(failure.message).toMatch(message);
  });
});
