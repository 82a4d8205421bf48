import { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';
import {
  addS3Options,
  awsSettings,
  s3OverridesOf,
  storedS3Of,
} from '../../../src/cli/s3-options.ts';
import { configSchema } from '../../../src/config/load-schema.ts';

const VARIABLES = {
  RELYT_S3_ENDPOINT: 'http://localhost:9000',
  RELYT_S3_BUCKET: 'landing',
  RELYT_S3_REGION: 'eu-west-1',
  RELYT_S3_PREFIX: 'a/b',
  RELYT_S3_ACCESS_KEY: 'AK',
  RELYT_S3_SECRET_KEY: 'secret',
  RELYT_S3_CONCURRENCY: '7',
  RELYT_S3_PART_SIZE: '6291456',
  RELYT_IMPORT_TIMEOUT: '60',
  RELYT_IMPORT_ERROR_SLEEP_TIME: '0',
};

afterEach(() => vi.unstubAllEnvs());

function parsed(...args: string[]) {
  const command = addS3Options(new Command().exitOverride().configureOutput({ writeErr() {} }));
  return storedS3Of(command.parse(args, { from: 'user' }));
}

test('every setting has a flag and a variable, and the flag counts more', () => {
  for (const [name, value] of Object.entries(VARIABLES)) vi.stubEnv(name, value);
  const all = {
    endpoint: 'http://localhost:9000',
    bucket: 'landing',
    region: 'eu-west-1',
    prefix: 'a/b',
    accessKey: 'AK',
    secretKey: 'secret',
    uploadConcurrency: 7,
    partSizeBytes: 6291456,
    importTimeoutSeconds: 60,
    importErrorSleepSeconds: 0,
  };
  expect(parsed()).toEqual(all);
  expect(parsed('--s3-bucket', 'other', '--import-timeout', '5')).toEqual({
    ...all,
    bucket: 'other',
    importTimeoutSeconds: 5,
  });
});

test('nothing given is nothing, and an empty variable is nothing, too', () => {
  for (const name of Object.keys(VARIABLES)) vi.stubEnv(name, undefined);
  expect(parsed()).toEqual({});
  vi.stubEnv('RELYT_S3_BUCKET', '');
  expect(parsed()).toEqual({});
  expect(() => parsed('--s3-concurrency', 'many')).toThrow('whole number');
});

test('for a load, the variables become settings of the configuration', () => {
  const overrides = s3OverridesOf(VARIABLES);
  expect(configSchema.shape.s3.parse(overrides)).toEqual({
    endpoint: 'http://localhost:9000',
    bucket: 'landing',
    region: 'eu-west-1',
    prefix: 'a/b',
    accessKey: 'AK',
    secretKey: 'secret',
    uploadConcurrency: 7,
    partSizeBytes: 6291456,
    importTimeoutSeconds: 60,
    importErrorSleepSeconds: 0,
  });
  expect(s3OverridesOf({ RELYT_S3_BUCKET: '', PATH: '/bin' })).toEqual({});
  expect(() => s3OverridesOf({ RELYT_S3_PART_SIZE: '5 MB' })).toThrow(
    'The variable RELYT_S3_PART_SIZE is not a whole number.',
  );
});

test('keys of AWS count only as a pair, and never when they are temporary', () => {
  const pair = { AWS_ACCESS_KEY_ID: 'AK', AWS_SECRET_ACCESS_KEY: 's' };
  expect(awsSettings(pair)).toEqual({ accessKey: 'AK', secretKey: 's' });
  expect(awsSettings({ ...pair, AWS_SESSION_TOKEN: 't', AWS_REGION: 'r' })).toEqual({
    region: 'r',
  });
  expect(awsSettings({ AWS_ACCESS_KEY_ID: 'AK' })).toEqual({});
});

test('variables without a flag: what belongs to one load, and not into the database', () => {
  const overrides = s3OverridesOf({
    RELYT_S3_SESSION_TOKEN: 'token',
    RELYT_S3_SERVER_SIDE_ENCRYPTION: 'aws:kms',
    RELYT_S3_SSE_KMS_KEY_ID: 'alias/staging',
  });
  expect(configSchema.shape.s3.parse(overrides)).toEqual({
    sessionToken: 'token',
    serverSideEncryption: 'aws:kms',
    sseKmsKeyId: 'alias/staging',
  });
  const wrong = s3OverridesOf({ RELYT_S3_SERVER_SIDE_ENCRYPTION: 'rot13' });
  expect(configSchema.shape.s3.safeParse(wrong).success).toBe(false);
});

test('no keys have to be asked for, and cannot be asked for beside keys', () => {
  for (const name of Object.keys(VARIABLES)) vi.stubEnv(name, undefined);
  expect(parsed('--s3-default-credentials', '--s3-bucket', 'b')).toEqual({
    bucket: 'b',
    defaultCredentials: true,
  });
  expect(() => parsed('--s3-default-credentials', '--s3-access-key', 'AK')).toThrow(
    '--s3-default-credentials stores no keys',
  );
  vi.stubEnv('RELYT_S3_SECRET_KEY', 'secret');
  expect(() => parsed('--s3-default-credentials')).toThrow('--s3-secret-key or a variable');
});
