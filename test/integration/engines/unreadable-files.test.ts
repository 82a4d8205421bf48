// G8 and G2 on every engine: what keeps the database from reading staged files, or from writing rows, is said as
// what it is, and nothing of the import stays.

import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { testS3Client } from '../../support/bucket.ts';
import { describeEngines, type EngineSuite } from '../../support/engines-under-test.ts';
import {
  createLoaderRole,
  failureOf,
  generate,
  type LoadOptions,
  type TestTarget,
} from '../../support/loading.ts';

const record = (id: number) => ({ id, v: `value ${id}` });
const QUICK: LoadOptions = { s3: { importTimeoutSeconds: 2 } };

/** Loads ten records, and does something to their file between its upload and its import. */
async function loadWith(
  target: TestTarget,
  change: (key: string) => Promise<void>,
  options: LoadOptions = {},
) {
  await using processor = await target.open(options);
  const lock = await target.lock();
  try {
    await processor.insert(generate(10, record));
    const flushed = failureOf(processor.flush());
    await target.untilImportWaits();
    const [file] = await target.files(processor.processId);
    await change(file?.s3_key ?? '');
    await lock.release();
    const failure = await flushed;
    await failureOf(processor.shutdown());
    expect(await target.count()).toBe(0);
    expect(await target.imports(processor.processId)).toEqual([]);
    const [failed] = await target.files(processor.processId);
    expect(failed).toMatchObject({ status: 'ERROR', error: expect.stringMatching(/./) });
    expect(failure.details).toMatchObject({ processId: processor.processId });
    return failure;
  } finally {
    await lock.release();
  }
}

/** Cuts the end off a staged file. */
async function shorten(target: TestTarget, Key: string): Promise<void> {
  const { s3 } = target.way;
  const client = testS3Client(s3);
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: s3.bucket, Key }));
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    await client.send(
      new PutObjectCommand({ Bucket: s3.bucket, Key, Body: bytes.subarray(0, -5) }),
    );
  } finally {
    client.destroy();
  }
}

async function remove(target: TestTarget, Key: string): Promise<void> {
  const client = testS3Client(target.way.s3);
  try {
    await client.send(new DeleteObjectCommand({ Bucket: target.way.s3.bucket, Key }));
  } finally {
    client.destroy();
  }
}

describeEngines(
  'staged files that are not what they were (G2, G8)',
  ({ makeTarget }) => {
    test('one became shorter: not imported', async () => {
      const target = await makeTarget('id int, v text');
      const failure = await loadWith(target, (key) => shorten(target, key));
      expect(failure.code).toBe('STAGED_FILE_CHANGED');
      expect(failure.message).toMatch(/file-000001.* has (\d+ bytes instead of \d+|another ETag)/);
    });

    test('one is gone: not imported', async () => {
      const target = await makeTarget('id int, v text');
      const failure = await loadWith(target, (key) => remove(target, key), QUICK);
      expect(failure.code).toBe('STAGED_FILE_LOST');
      expect(failure.message).toContain('file-000001');
    });
  },
  { inS3: true },
);

describeEngines('a database that refuses an import (G8)', ({ makeTarget }) => {
  test('the table is dropped meanwhile', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open();
    await processor.insert([record(1)]);
    await target.database.query(`drop table ${target.sql}`);
    const failure = await failureOf(processor.flush());
    expect(failure.code).toBe('TABLE_NOT_FOUND');
    expect(failure.details).toMatchObject({ table: `public.${target.table}`, fileId: '1' });
  });

  test.each([
    ['INSERT', 'select, update'],
    ['UPDATE', 'select, insert'],
  ])('the role has no %s right', async (right, others) => {
    const target = await makeTarget('id int primary key, v text');
    const role = await createLoaderRole(target);
    await target.way.allow?.(target.database, role.name);
    const name = pg.escapeIdentifier(role.name);
    await target.database.query(`grant ${others} on ${target.sql} to ${name}`);
    await target.load([record(1)]);
    const failure = await failureOf(target.load([record(1)], { url: role.url }));
    expect(failure.code).toBe('DATABASE_PERMISSION_DENIED');
    expect(failure.message).toContain(right);
    expect(failure.hint).toContain(`GRANT ${right} ON`);
  });

  test('a role with the rights of the guide loads', async () => {
    const target = await makeTarget('id int primary key, v text');
    const role = await createLoaderRole(target);
    await target.way.allow?.(target.database, role.name);
    const name = pg.escapeIdentifier(role.name);
    await target.database.query(`grant select, insert, update on ${target.sql} to ${name}`);
    await target.load([record(1)]);
    await target.load([1, 2].map(record), { url: role.url, maxErrorRecords: 1 });
    expect(await target.rows()).toEqual([record(1), record(2)]);
  });

  test('a lock holds the import up longer than it may take', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open({ s3: { importTimeoutSeconds: 1 } });
    const lock = await target.lock();
    try {
      await processor.insert([record(1)]);
      const failure = await failureOf(processor.flush());
      expect(failure.code).toBe('IMPORT_TIMEOUT');
      expect(failure.hint).toContain('importTimeoutSeconds');
    } finally {
      await lock.release();
    }
  });
});

const WRONG_SECRET = 'a-wrong-secret-that-nobody-may-see';

describeEngines(
  'S3 settings that are wrong (G7, G8)',
  (suite) => {
    test.each([
      ['access key', { accessKey: 'AKIAWRONGWRONGWRONG1' }, 'S3_AUTH_FAILED'],
      ['secret key', { secretKey: WRONG_SECRET }, 'S3_AUTH_FAILED'],
      ['bucket', { bucket: 'no-such-bucket' }, 'S3_BUCKET_MISSING'],
    ] as const)('a wrong %s', async (_, s3, code) => {
      const target = await suite.makeTarget('id int, v text');
      await using processor = await target.open({ s3 });
      await processor.insert([record(1)]);
      const failure = await failureOf(processor.flush());
      expect(failure.code).toBe(code);
      for (let error: unknown = failure; error instanceof Error; error = error.cause)
        expect(`${error.message} ${error.stack}`).not.toContain(WRONG_SECRET);
      await failureOf(processor.shutdown());
      expect(await target.checkpoint(processor.processId)).toMatchObject({ status: 'FAILED' });
    });

    if (suite.engine.name === 'greenplum') configurationOfSegments(suite);
  },
  { oneServer: true, inS3: true },
);

/** Greenplum signs by a file of its servers, not by what the loader says. */
function configurationOfSegments({ makeTarget }: EngineSuite): void {
  describe('for the segments', () => {
    test.each([
      ['no configuration file', { config: '/nowhere/s3.conf' }, /config file/],
      ['a section that does not exist', { section: 'nowhere' }, /section 'nowhere'/],
    ])('%s', async (_, greenplum, message) => {
      const target = await makeTarget('id int, v text');
      await using processor = await target.open({ greenplum });
      await processor.insert([record(1)]);
      const failure = await failureOf(processor.flush());
      expect(failure.code).toBe('ENGINE_UNSUPPORTED');
      expect(failure.message).toMatch(message);
      expect(failure.message).not.toMatch(/seg\d|pid=/);
      expect(failure.hint).toContain('engine-greenplum.md');
    });

    test('a session token, which they could not use', async () => {
      const target = await makeTarget('id int, v text');
      const failure = await failureOf(target.open({ s3: { sessionToken: 'temporary' } }));
      expect(failure.code).toBe('ENGINE_UNSUPPORTED');
      expect(failure.hint).toContain('static keys');
    });

    test('the role may not use the protocol', async () => {
      const target = await makeTarget('id int, v text');
      const role = await createLoaderRole(target);
      const name = pg.escapeIdentifier(role.name);
      await target.database.query(`grant select, insert on ${target.sql} to ${name}`);
      await using processor = await target.open({ url: role.url });
      await processor.insert([record(1)]);
      const failure = await failureOf(processor.flush());
      expect(failure.code).toBe('DATABASE_PERMISSION_DENIED');
      expect(failure.hint, failure.message).toContain('GRANT SELECT ON PROTOCOL s3');
    });
  });
}
