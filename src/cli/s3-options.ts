/** S3 settings from flags and from the environment. */

import { type Command, Option } from 'commander';
import type { BulkProcessorConfig } from '../config/load-config.ts';
import { RelytError } from '../errors.ts';
import type { PrepareOptions, StoredS3Settings } from '../prepare/prepare-options.ts';
import { wholeNumber } from './argument-parsers.ts';

type S3Overrides = NonNullable<BulkProcessorConfig['s3']>;

interface S3Option {
  readonly flag: string;
  readonly variable: string;
  readonly setting: keyof StoredS3Settings;
  readonly describe: string;
  readonly number?: true;
}

const OPTIONS: readonly S3Option[] = [
  {
    flag: '--s3-endpoint <url>',
    variable: 'RELYT_S3_ENDPOINT',
    setting: 'endpoint',
    describe: 'S3 endpoint; the database server must reach it, too',
  },
  {
    flag: '--s3-bucket <name>',
    variable: 'RELYT_S3_BUCKET',
    setting: 'bucket',
    describe: 'bucket of the staged files',
  },
  {
    flag: '--s3-region <name>',
    variable: 'RELYT_S3_REGION',
    setting: 'region',
    describe: 'region used for signing',
  },
  {
    flag: '--s3-prefix <prefix>',
    variable: 'RELYT_S3_PREFIX',
    setting: 'prefix',
    describe: 'prefix of all keys',
  },
  {
    flag: '--s3-access-key <id>',
    variable: 'RELYT_S3_ACCESS_KEY',
    setting: 'accessKey',
    describe: 'access key id',
  },
  {
    flag: '--s3-secret-key <secret>',
    variable: 'RELYT_S3_SECRET_KEY',
    setting: 'secretKey',
    describe: 'secret access key; prefer the environment',
  },
  {
    flag: '--s3-concurrency <n>',
    variable: 'RELYT_S3_CONCURRENCY',
    setting: 'uploadConcurrency',
    describe: 'number of parallel part uploads of one file, at most 50',
    number: true,
  },
  {
    flag: '--s3-part-size <bytes>',
    variable: 'RELYT_S3_PART_SIZE',
    setting: 'partSizeBytes',
    describe: 'size of a multipart part, 5 MiB to 100 MiB',
    number: true,
  },
  {
    flag: '--import-timeout <seconds>',
    variable: 'RELYT_IMPORT_TIMEOUT',
    setting: 'importTimeoutSeconds',
    describe: 'seconds an import may take, retries included',
    number: true,
  },
  {
    flag: '--import-error-sleep-time <seconds>',
    variable: 'RELYT_IMPORT_ERROR_SLEEP_TIME',
    setting: 'importErrorSleepSeconds',
    describe: 'maximum pause between two attempts of an import, in seconds',
    number: true,
  },
];

/** Variables without a flag: for one load, beside what `relyt init` stores. */
const VARIABLES_ONLY: Readonly<Record<string, keyof S3Overrides>> = {
  RELYT_S3_SESSION_TOKEN: 'sessionToken',
  RELYT_S3_SERVER_SIDE_ENCRYPTION: 'serverSideEncryption',
  RELYT_S3_SSE_KMS_KEY_ID: 'sseKmsKeyId',
};

const NO_KEYS = '--s3-default-credentials';

export function addS3Options(command: Command): Command {
  for (const { flag, variable, describe, number } of OPTIONS) {
    const option = new Option(flag, describe).env(variable);
    command.addOption(number ? option.argParser(wholeNumber(0)) : option);
  }
  return command.option(
    NO_KEYS,
    'store no keys: every loader uses the AWS credentials of its own process (environment, profile, role)',
  );
}

/**
 * The settings that flags or RELYT_* variables give; an empty text gives none.
 *
 * @throws RelytError CONFIG_INVALID for keys that are given and declined.
 */
export function storedS3Of(command: Command): StoredS3Settings {
  const values = command.opts<Record<string, unknown>>();
  const given = OPTIONS.map(({ flag, setting }) => {
    const name = new Option(flag).attributeName();
    return [setting, values[name]] as const;
  });
  const settings: StoredS3Settings = Object.fromEntries(
    given.filter(([, value]) => value !== undefined && value !== ''),
  );
  if (!values[new Option(NO_KEYS).attributeName()]) return settings;
  if ('accessKey' in settings || 'secretKey' in settings) {
    throw new RelytError(
      'CONFIG_INVALID',
      `${NO_KEYS} stores no keys, but --s3-access-key, --s3-secret-key or a variable for them gives some.`,
      {
        hint: 'Leave one of them out; the variables are RELYT_S3_ACCESS_KEY and RELYT_S3_SECRET_KEY.',
      },
    );
  }
  return { ...settings, defaultCredentials: true };
}

/**
 * What the usual AWS variables say. Only for settings that are found nowhere else: they are set in many
 * shells for other purposes.
 */
export function awsSettings(env: NodeJS.ProcessEnv): NonNullable<PrepareOptions['s3Defaults']> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_SESSION_TOKEN } = env;
  const keys =
    AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY && !AWS_SESSION_TOKEN
      ? { accessKey: AWS_ACCESS_KEY_ID, secretKey: AWS_SECRET_ACCESS_KEY }
      : {};
  return { ...keys, ...(AWS_REGION ? { region: AWS_REGION } : {}) };
}

/** Overrides of the database's S3 settings for one load. @throws RelytError CONFIG_INVALID */
export function s3OverridesOf(env: NodeJS.ProcessEnv): S3Overrides {
  const given = OPTIONS.flatMap(({ variable, setting, number }) => {
    const text = env[variable];
    if (text === undefined || text === '') return [];
    if (number && !/^\d+$/.test(text)) {
      throw new RelytError('CONFIG_INVALID', `The variable ${variable} is not a whole number.`);
    }
    return [[setting, number ? Number(text) : text] as const];
  });
  const more = Object.entries(VARIABLES_ONLY)
    .map(([variable, override]) => [override, env[variable]] as const)
    .filter(([, text]) => text !== undefined && text !== '');
  return Object.fromEntries([...given, ...more]);
}
