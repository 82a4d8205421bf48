// G5, G7: keys of S3 that a function of the caller returns sign what the loader and the database do, and show nowhere.

import { describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import type { S3Config } from '../../../src/config/s3-config.ts';
import {
  failureOf,
  generate,
  s3Config,
  type TestTarget,
  targetsOn,
} from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

const makeTarget = targetsOn(defaultServer());
const record = (id: number) => ({ id, v: `value ${id}` });

function signedBy(target: TestTarget, credentials: NonNullable<S3Config['credentials']>) {
  const { accessKey: _, secretKey: __, ...place } = s3Config();
  return { s3: { ...place, prefix: target.prefix, credentials } };
}

function keys() {
  const { accessKey = '', secretKey = '' } = s3Config();
  return { accessKeyId: accessKey, secretAccessKey: secretKey };
}

describe.each(['postgres', 'copy'] as const)('keys from a function, engine %s', (engine) => {
  test('sign uploads and downloads', async () => {
    const target = await makeTarget('id int, v text');
    const signed = signedBy(target, async () => keys());
    const config = { ...target.config({ engine }), ...signed };
    await using processor = await BulkProcessor.create(config);
    await processor.insert(generate(10, record));
    await processor.shutdown();
    expect(await target.count()).toBe(10);
  });

  test('are asked for again before they expire', async () => {
    const target = await makeTarget('id int, v text');
    let asked = 0;
    const signed = signedBy(target, () => {
      asked++;
      return { ...keys(), expiration: new Date(Date.now() + 1000) };
    });
    const config = { ...target.config({ engine }), ...signed };
    await using processor = await BulkProcessor.create(config);
    for (const n of [1, 2, 3]) {
      await processor.insert([record(n)]);
      await processor.flush();
    }
    await processor.shutdown();
    expect(asked).toBeGreaterThan(2);
    expect(await target.count()).toBe(3);
  });
});

test.each([
  ['nothing', () => undefined as never, 'CONFIG_INVALID', /returned no accessKeyId/],
  [
    'half a pair',
    () => ({ accessKeyId: 'x' }) as never,
    'CONFIG_INVALID',
    /returned no accessKeyId/,
  ],
])('a function that returns %s fails the load (G8)', async (_, credentials, code, message) => {
  const target = await makeTarget('id int, v text');
  const config = { ...target.config({ engine: 'copy' }), ...signedBy(target, credentials) };
  await using processor = await BulkProcessor.create(config);
  const failure = await failureOf(processor.insert([record(1)]).then(() => processor.shutdown()));
  expect(failure).toMatchObject({ code, message: expect.stringMatching(message) });
});

test('keys beside the function are refused (G8)', async () => {
  const target = await makeTarget('id int, v text');
  const { s3 } = signedBy(target, () => keys());
  const config = { ...target.config(), s3: { ...s3, secretKey: 'the-secret' } };
  const failure = await failureOf(BulkProcessor.create(config));
  expect(failure).toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('s3.secretKey'),
  });
  expect(JSON.stringify(failure)).not.toContain('the-secret');
});
