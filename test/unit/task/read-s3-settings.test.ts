import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { resolveAccess } from '../../../src/config/access-schema.ts';
import type { Database } from '../../../src/database/database.ts';
import type { RelytError } from '../../../src/errors.ts';
import { findS3Settings, readS3Settings } from '../../../src/task/read-s3-settings.ts';

const STORED = {
  endpoint: 'minio.example:9000',
  bucket_name: 'stored',
  access_key: 'AKSTORED',
  secret_key: 'stored-secret',
  session_token: 'stored-token',
};
const PLACE = { endpoint: 'other.example', bucket: 'given' };

/** A database whose LOADER_CONFIG() answers so. */
function databaseWith(answer: object | null | Error) {
  let asked = 0;
  const query = async () => {
    asked++;
    if (answer instanceof Error) throw answer;
    return [{ config: answer, owner: 'admin', trusted: true }];
  };
  return { database: { query } as unknown as Database, asked: () => asked };
}

type Overrides = Parameters<typeof resolveAccess>[0]['s3'];

async function read(answer: object | null | Error, s3: NonNullable<Overrides>) {
  return await readS3Settings(databaseWith(answer).database, resolveAccess({ s3 }));
}

function refused(sqlstate: string): Error {
  return Object.assign(new DatabaseError('refused', 0, 'error'), { code: sqlstate });
}

async function failure(answer: object | null | Error, s3: NonNullable<Overrides>) {
  return await read(answer, s3).then(
    () => Promise.reject(new Error('it was not refused')),
    (error: RelytError) => error,
  );
}

describe('the S3 settings of a task', () => {
  it('are those of the database, field by field overridden', async () => {
    expect(await read(STORED, { bucket: 'given', serverSideEncryption: 'aws:kms' })).toMatchObject({
      endpoint: 'https://minio.example:9000',
      bucket: 'given',
      credentials: { accessKey: 'AKSTORED', sessionToken: 'stored-token' },
      encryption: { algorithm: 'aws:kms' },
    });
  });

  it('say where they came from, for one look at the database', async () => {
    const { database, asked } = databaseWith(STORED);
    const found = await findS3Settings(database, resolveAccess({ s3: {} }));
    expect(found).toMatchObject({ inDatabase: 'relyt_sys.loader_config()', isOverridden: false });
    const looked = asked();
    await readS3Settings(database, resolveAccess({ s3: {} }));
    expect(asked()).toBe(2 * looked);

    const both = await findS3Settings(database, resolveAccess({ s3: { bucket: 'given' } }));
    expect(both).toMatchObject({ inDatabase: 'relyt_sys.loader_config()', isOverridden: true });
    const given = resolveAccess({ s3: { ...PLACE, accessKey: 'AK', secretKey: 's' } });
    const own = await findS3Settings(database, given);
    expect(own).toMatchObject({ inDatabase: undefined, isOverridden: true });
  });

  it('need no database when the configuration has place and keys', async () => {
    const { database, asked } = databaseWith(STORED);
    const s3 = { ...PLACE, accessKey: 'AK', secretKey: 's' };
    const settings = await readS3Settings(database, resolveAccess({ s3 }));
    expect(settings.credentials).toEqual({ kind: 'keys', accessKey: 'AK', secretKey: 's' });
    expect(asked()).toBe(0);
  });

  it.each([
    ['has none', null],
    ['has no such function', refused('42883')],
    ['lets the role not read them', refused('42501')],
  ])('endpoint and bucket suffice when the database %s', async (_, answer) => {
    expect(await read(answer, PLACE)).toMatchObject({
      bucket: 'given',
      credentials: { kind: 'default-chain' },
    });
  });

  it('keys of the database are used with an endpoint and bucket of the configuration', async () => {
    expect((await read(STORED, PLACE)).credentials).toMatchObject({ accessKey: 'AKSTORED' });
  });

  it('a session token of the database is not used with another access key', async () => {
    const s3 = { accessKey: 'AKOTHER', secretKey: 'other' };
    expect((await read(STORED, s3)).credentials).toEqual({ kind: 'keys', ...s3 });
  });

  it.each([
    [null, 'LOADER_CONFIG_MISSING'],
    [refused('42501'), 'DATABASE_PERMISSION_DENIED'],
  ])('are missing without a place (%s)', async (answer, code) => {
    expect(await failure(answer, { endpoint: 'minio.example' })).toMatchObject({ code });
  });

  it.each([
    ['s3.bucket', STORED, { bucket: 'a/b' }],
    ['s3.prefix', STORED, { prefix: 'a b' }],
    ['s3.endpoint', STORED, { endpoint: 'ftp://x' }],
    ['s3.serverSideEncryption', null, { ...PLACE, sseKmsKeyId: 'k' }],
    ['s3.secretKey', null, { ...PLACE, accessKey: 'AK' }],
  ] as const)('G8: a wrong %s is named as the user wrote it', async (name, answer, s3) => {
    const error = await failure(answer, s3);
    expect(error.code).toBe('LOADER_CONFIG_INVALID');
    expect(error.message).toContain(`Expected \`${name}\` of the configuration to be`);
    expect(error.message).not.toContain('loader_config');
  });

  it('G8: a wrong field of the database is named as it stands there', async () => {
    const { message } = await failure({ ...STORED, bucket_name: 'a/b' }, { prefix: 'p' });
    expect(message).toContain('Expected `bucket_name` of relyt_sys.loader_config() to be');
    expect(message).not.toContain('s3.');
  });
});
