import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { regionalEndpoint } from '../../../src/core/s3-endpoint.ts';
import { normalizeS3Settings } from '../../../src/core/s3-settings.ts';
import { RelytError } from '../../../src/errors.ts';

const MIB = 1024 ** 2;
const raw = {
  endpoint: 's3.amazonaws.com',
  region: 'us-west-2',
  bucket_name: 'your-bucket',
  prefix: 'import/data',
  access_key: 'AKIAEXAMPLE',
  secret_key: 'topsecret/+=',
};

function normalize(changes: object) {
  return normalizeS3Settings({ ...raw, ...changes }, 'relyt_sys.LOADER_CONFIG()');
}

function refusal(changes: object): RelytError {
  try {
    normalize(changes);
  } catch (error) {
    if (error instanceof RelytError) return error;
  }
  throw new Error('it was not refused');
}

describe('normalizeS3Settings', () => {
  it('completes the six columns of an early database', () => {
    expect(normalize({ concurrency: null })).toEqual({
      endpoint: 'https://s3.amazonaws.com',
      region: 'us-west-2',
      bucket: 'your-bucket',
      prefix: 'import/data',
      credentials: { kind: 'keys', accessKey: 'AKIAEXAMPLE', secretKey: 'topsecret/+=' },
      uploadConcurrency: 20,
      partSizeBytes: 5 * MIB,
      importTimeoutSeconds: 1800,
      importErrorSleepSeconds: 10,
      forcePathStyle: false,
      isAws: true,
    });
  });

  it('takes numbers as texts, as the configuration table holds them', () => {
    const settings = normalize({
      concurrency: '8',
      part_size: '8388608',
      import_timeout: '60',
      import_error_sleep_time: '0',
    });
    expect(settings).toMatchObject({
      uploadConcurrency: 8,
      partSizeBytes: 8 * MIB,
      importTimeoutSeconds: 60,
      importErrorSleepSeconds: 0,
    });
  });

  it('clamps concurrency to 50', () => {
    expect(normalize({ concurrency: 500 }).uploadConcurrency).toBe(50);
  });

  it.each([
    ['minio.example:9000', 'https://minio.example:9000'],
    ['10.0.0.5:9000', 'https://10.0.0.5:9000'],
    ['localhost:9000', 'http://localhost:9000'],
    ['127.0.0.1:7480', 'http://127.0.0.1:7480'],
    ['[::1]:7480', 'http://[::1]:7480'],
    ['localhost.example.com', 'https://localhost.example.com'],
    ['http://minio.example:9000/', 'http://minio.example:9000'],
    ['https://minio.example', 'https://minio.example'],
    ['cn.amazonaws.com', 'https://cn.amazonaws.com'],
    [' s3.eu-west-1.amazonaws.com ', 'https://s3.eu-west-1.amazonaws.com'],
  ])('reads the endpoint %j as %s', (endpoint, expected) => {
    expect(normalize({ endpoint }).endpoint).toBe(expected);
  });

  it('addresses other servers by path, and AWS only where the certificate would not fit', () => {
    expect(normalize({ endpoint: 'minio.example' })).toMatchObject({
      isAws: false,
      forcePathStyle: true,
    });
    expect(normalize({ bucket_name: 'a.b' })).toMatchObject({ isAws: true, forcePathStyle: true });
    expect(normalize({ endpoint: 'amazonaws.com.evil.example' }).isAws).toBe(false);
  });

  it.each([
    ['/a//b/', 'a/b'],
    [null, ''],
    ['', ''],
    ['/', ''],
    ['dt=2026-11-22/x_y.z', 'dt=2026-11-22/x_y.z'],
  ])('reads the prefix %j as %j', (prefix, expected) => {
    expect(normalize({ prefix }).prefix).toBe(expected);
  });

  it.each([
    ['endpoint', undefined],
    ['endpoint', 'https://host/path'],
    ['endpoint', 'ftp://host'],
    ['endpoint', 'host name'],
    ['endpoint', 'https://host?x=1'],
    ['region', 'us west'],
    ['bucket_name', null],
    ['bucket_name', 'a/b'],
    ['bucket_name', "x'; drop"],
    ['prefix', 'a/../b'],
    ['prefix', 'a b'],
    ['prefix', 'ä'],
    ['prefix', "a'b"],
    ['prefix', 'a\nb'],
    ['prefix', 'x'.repeat(513)],
    ['access_key', ''],
    ['access_key', null],
    ['secret_key', ' '],
    ['secret_key', undefined],
    ['secret_key', 'with space'],
    ['secret_key', 7],
    ['session_token', 'with\nline'],
    ['server_side_encryption', 'AES-256'],
    ['server_side_encryption', 'aes256'],
    ['server_side_encryption', true],
    ['sse_kms_key_id', 'with space'],
    ['sse_kms_key_id', 7],
    ['concurrency', 0],
    ['concurrency', 'many'],
    ['part_size', 5 * MIB - 1],
    ['part_size', 100 * MIB + 1],
    ['part_size', 5.5 * MIB + 0.5],
    ['import_timeout', 0],
    ['import_error_sleep_time', -1],
  ])('G8: refuses %s = %j, naming field and source', (field, value) => {
    const error = refusal({ [field]: value });
    expect(error.code).toBe('LOADER_CONFIG_INVALID');
    expect(error.message).toContain(`\`${field}\``);
    expect(error.message).toContain('relyt_sys.LOADER_CONFIG()');
  });

  it.each([
    [{ access_key: '', secret_key: '' }],
    [{ access_key: null, secret_key: undefined, session_token: '' }],
  ])('without keys (%j) the credentials of the process are used', (changes) => {
    expect(normalize(changes).credentials).toEqual({ kind: 'default-chain' });
  });

  it('keeps a session token with its keys', () => {
    expect(normalize({ session_token: ' t/+= ' }).credentials).toMatchObject({
      accessKey: 'AKIAEXAMPLE',
      sessionToken: 't/+=',
    });
  });

  it.each([
    [{ access_key: '' }, 'access_key', 'secret_key'],
    [{ secret_key: null }, 'secret_key', 'access_key'],
    [{ access_key: null, secret_key: null, session_token: 't' }, 'access_key', 'session_token'],
  ])('G8: half of a pair (%j) is refused, naming what is missing', (changes, missing, given) => {
    expect(refusal(changes).message).toBe(
      `Expected \`${missing}\` of relyt_sys.LOADER_CONFIG() to be given as well: \`${given}\` of relyt_sys.LOADER_CONFIG() is of no use without it.`,
    );
  });

  it.each([
    [{ server_side_encryption: 'AES256' }, { algorithm: 'AES256' }],
    [{ server_side_encryption: 'aws:kms', sse_kms_key_id: '' }, { algorithm: 'aws:kms' }],
    [
      { server_side_encryption: 'aws:kms:dsse', sse_kms_key_id: 'arn:aws:kms:x:1:key/2' },
      { algorithm: 'aws:kms:dsse', kmsKeyId: 'arn:aws:kms:x:1:key/2' },
    ],
    [{ server_side_encryption: '', sse_kms_key_id: null }, undefined],
  ])('reads the encryption %j', (changes, expected) => {
    expect(normalize(changes).encryption).toEqual(expected);
  });

  it.each([{ server_side_encryption: 'AES256' }, {}])(
    'G8: a KMS key without KMS (%j) is refused: it would not be used',
    (changes) => {
      const { message } = refusal({ ...changes, sse_kms_key_id: 'alias/staging' });
      expect(message).toContain(
        '`server_side_encryption` of relyt_sys.LOADER_CONFIG() to be aws:kms',
      );
      expect(message).toContain('`sse_kms_key_id`');
    },
  );

  it('G8: names a field as the caller says', () => {
    const naming = (field: string) => `s3.${field} of the configuration`;
    expect(() => normalizeS3Settings({ ...raw, bucket_name: 'a/b' }, naming)).toThrow(
      'Expected s3.bucket_name of the configuration to be a bucket name',
    );
  });

  it('names the allowed range', () => {
    const { message } = refusal({ part_size: 1000 });
    expect(message).toContain('from 5242880 to 104857600, got "1000"');
  });

  it('G7: no secret reaches an error', () => {
    const secret = 'hunter2 with a space';
    expect(inspect(refusal({ secret_key: secret }))).not.toContain('hunter2');
    expect(inspect(refusal({ session_token: secret }))).not.toContain('hunter2');
    expect(inspect(refusal({ endpoint: 'https://u:hunter2@host' }))).not.toContain('hunter2');
  });
});

describe('regionalEndpoint', () => {
  it.each([
    ['s3.amazonaws.com', 'us-west-2', 'https://s3.us-west-2.amazonaws.com'],
    ['cn.amazonaws.com', 'cn-north-1', 'https://s3.cn-north-1.amazonaws.com.cn'],
    [
      's3.dualstack.eu-west-1.amazonaws.com',
      'eu-west-1',
      'https://s3.dualstack.eu-west-1.amazonaws.com',
    ],
    ['localhost:9000', 'x', 'http://localhost:9000'],
  ])('of %s in %s is %s', (endpoint, region, expected) => {
    expect(regionalEndpoint(normalize({ endpoint, region }))).toBe(expected);
  });
});
