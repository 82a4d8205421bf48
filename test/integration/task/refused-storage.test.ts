// G8: what is wrong with S3, or with the way from the database to it, is said as what it is; and G8 for a target
// that changes under a load.

import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startS3Server } from 'relyt-dev';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLoaderRole, failureOf, targetsOn } from '../../support/loading.ts';
import { S3Proxy } from '../../support/s3-proxy.ts';
import { defaultServer, newestServers, testStack } from '../../support/stack.ts';

const RECORDS = [{ id: 1 }, { id: 2 }];

describe('S3 refuses the upload (G8)', () => {
  const makeTarget = targetsOn(defaultServer());

  test.each([
    ['access key', { accessKey: 'AKIAWRONGWRONGWRONG1' }, 'S3_AUTH_FAILED', /InvalidAccessKeyId/],
    ['secret key', { secretKey: 'not-the-secret-key' }, 'S3_AUTH_FAILED', /SignatureDoesNotMatch/],
    ['bucket', { bucket: 'no-such-bucket' }, 'S3_BUCKET_MISSING', /no-such-bucket/],
  ] as const)('a wrong %s', async (_, s3, code, message) => {
    const target = await makeTarget('id int');
    await using processor = await target.open({ s3 });
    await processor.insert(RECORDS);
    const failure = await failureOf(processor.flush());
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(failure.details.processId).toBe(processor.processId);
    expect((await failureOf(processor.insert(RECORDS))).code).toBe(code);
    expect((await failureOf(processor.shutdown())).code).toBe(code);
    expect(await target.checkpoint(processor.processId)).toMatchObject({ status: 'FAILED' });
  });

  test.each([
    ['behind', 3_600_000],
    ['ahead', -3_600_000],
  ])(
    'a clock that is an hour %s is no reason to: it is corrected by the one of S3',
    async (_, skew) => {
      const target = await makeTarget('id int');
      const dataDir = mkdtempSync(path.join(os.tmpdir(), 'relyt-skewed-'));
      onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
      const { endpoint: __, ...s3 } = testStack().s3;
      const now = () => new Date(Date.now() + skew);
      const server = await startS3Server({ dataDir, ...s3, buckets: [s3.bucket], now });
      onTestFinished(() => server.stop());
      await target.load(RECORDS, { s3: { endpoint: server.endpoint, importTimeoutSeconds: 5 } });
      expect(await target.rows()).toEqual(RECORDS);
    },
  );

  test('nobody listens at the endpoint: waited for, until the task is aborted', async () => {
    const target = await makeTarget('id int');
    const controller = new AbortController();
    await using processor = await target.open({
      s3: { endpoint: 'http://127.0.0.1:1' },
      signal: controller.signal,
    });
    await processor.insert(RECORDS);
    const flushed = failureOf(processor.flush());
    controller.abort();
    expect((await flushed).code).toBe('ABORTED');
    await processor.abort();
    expect(await target.checkpoint(processor.processId)).toMatchObject({ status: 'CANCELLED' });
  });
});

describe.each(newestServers())('the database cannot read S3 (G8) on $name', (server) => {
  const makeTarget = targetsOn(server);

  test.each([
    ['an HTTP error', { status: 403 }, /exit code 22/],
    ['a download that breaks off', { cutAfterBytes: 3 }, /exit code (18|52|56)/],
  ])('%s, until the time is up', async (_, fault, reason) => {
    const target = await makeTarget('id int');
    await using proxy = await S3Proxy.start(testStack().s3.endpoint);
    await using processor = await target.open({
      s3: { endpoint: proxy.endpoint, importTimeoutSeconds: 1 },
    });
    proxy.faultOf = ({ method }) => (method === 'GET' ? fault : undefined);
    await processor.insert(RECORDS);
    const failure = await failureOf(processor.flush());
    expect(failure.code).toBe('IMPORT_TIMEOUT');
    expect(failure.message).toMatch(
      /within 1 s \(\d attempts?\).*could not download a staged file/,
    );
    expect(failure.message).toMatch(reason);
    expect(failure.cause).toMatchObject({ code: 'S3_DOWNLOAD_FAILED' });
    await failureOf(processor.shutdown());
    expect(await target.count()).toBe(0);
    const [file] = await target.files(processor.processId);
    expect(file).toMatchObject({ status: 'ERROR', error: expect.stringMatching(reason) });
  });

  test('nobody listens any more when it asks', async () => {
    const target = await makeTarget('id int');
    const proxy = await S3Proxy.start(testStack().s3.endpoint);
    await using processor = await target.open({
      s3: { endpoint: proxy.endpoint, importTimeoutSeconds: 2 },
    });
    processor.on('fileFrozen', () => void proxy[Symbol.asyncDispose]());
    const lock = await target.lock();
    await processor.insert(RECORDS);
    const flushed = failureOf(processor.flush());
    await target.untilImportWaits();
    await lock.release();
    const failure = await flushed;
    expect(failure).toMatchObject({
      code: 'IMPORT_TIMEOUT',
      message: expect.stringMatching(/exit code 7/),
    });
  });

  test('an import that a lock holds up longer than it may take', async () => {
    const target = await makeTarget('id int');
    await using processor = await target.open({ s3: { importTimeoutSeconds: 1 } });
    const lock = await target.lock();
    try {
      await processor.insert(RECORDS);
      const failure = await failureOf(processor.flush());
      expect(failure.code).toBe('IMPORT_TIMEOUT');
      expect(failure.message).toMatch(/statement timeout/);
      expect(failure.hint).toContain('importTimeoutSeconds');
    } finally {
      await lock.release();
    }
  });
});

describe('the target changes under a load (G8)', () => {
  const makeTarget = targetsOn(defaultServer());

  test.each([
    [
      'the table is dropped',
      (sql: string) => `drop table ${sql}`,
      'TABLE_NOT_FOUND',
      /does not exist/,
    ],
    [
      'a column is dropped',
      (sql: string) => `alter table ${sql} drop column v`,
      'TABLE_CHANGED',
      /"v"/,
    ],
  ] as const)('%s', async (_, change, code, message) => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open();
    await processor.insert([{ id: 1, v: 'x' }]);
    await target.database.query(change(target.sql));
    const failure = await failureOf(processor.flush());
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(failure.details).toMatchObject({ table: `public.${target.table}`, fileId: '1' });
  });

  test.each(['insert', 'update'])('the role loses its right to %s', async (right) => {
    const target = await makeTarget('id int primary key, v text');
    const role = await createLoaderRole(target);
    const name = pg.escapeIdentifier(role.name);
    await target.database.query(`grant select, insert, update on ${target.sql} to ${name}`);
    await using processor = await target.open({ url: role.url });
    await processor.insert([{ id: 1, v: 'x' }]);
    await target.database.query(`revoke ${right} on ${target.sql} from ${name}`);
    const failure = await failureOf(processor.flush());
    expect(failure.code).toBe('DATABASE_PERMISSION_DENIED');
    expect(failure.message).toMatch(new RegExp(`permission denied for table ${target.table}`));
    expect(failure.hint).toContain('INSERT');
  });
});
