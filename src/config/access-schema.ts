/** How to reach the database and S3: the part that the configurations of loads, migrations and operations share. */

import { z } from 'zod';
import { type BroughtS3Client, isBroughtClient } from '../core/brought-client.ts';
import { connectionOptions } from '../core/connection/connection-string.ts';
import { keepSecret } from '../core/redaction.ts';
import type { S3CredentialProvider } from '../core/s3-credentials.ts';
import { SERVER_SIDE_ENCRYPTIONS } from '../core/s3-encryption.ts';
import { splitTableName } from '../core/table-name.ts';
import { RelytError } from '../errors.ts';
import type { AccessConfig } from './access-config.ts';
import { checkedConfig } from './checked-config.ts';
import type { ClientPool } from './connection-config.ts';

const MIB = 1024 * 1024;

/** Of anything: a table, a host, a bucket. */
export const name = z.string().min(1);
const port = z.int().min(1).max(65_535);

/** For tasks and migrations. */
export const leaseSeconds = z.int().min(3).max(3600).default(30);

/** Values are never quoted: the text may hold a password. */
function checkConnectionString(text: string, context: z.RefinementCtx): void {
  try {
    connectionOptions(text);
  } catch (error) {
    const { message, hint } = error as RelytError;
    context.addIssue({ code: 'custom', message: `${message} ${hint}` });
  }
}

export const connectionSchema = z.strictObject({
  connectionString: z.string().superRefine(checkConnectionString).optional(),
  host: name.optional(),
  port: port.optional(),
  username: name.optional(),
  password: z
    .union([
      z.string(),
      z.custom<() => string | Promise<string>>(
        (value) => typeof value === 'function',
        'expected a string, or a function that returns one or a promise of one',
      ),
    ])
    .optional(),
  database: name.optional(),
  ssl: z.union([z.boolean(), z.looseObject({})]).optional(),
  pool: z
    .custom<ClientPool>(
      (value) => typeof (value as Partial<ClientPool> | null)?.connect === 'function',
      'expected a pg.Pool',
    )
    .optional(),
  connect: z
    .custom<() => object | Promise<object>>(
      (value) => typeof value === 'function',
      'expected a function that returns a connected pg.Client',
    )
    .optional(),
});

export const s3Schema = z.strictObject({
  endpoint: name.optional(),
  region: name.optional(),
  bucket: name.optional(),
  prefix: z.string().optional(),
  accessKey: name.optional(),
  secretKey: name.optional(),
  sessionToken: name.optional(),
  credentials: z
    .custom<S3CredentialProvider>(
      (value) => typeof value === 'function',
      'expected a function that returns keys, or a promise of them',
    )
    .optional(),
  client: z
    .custom<BroughtS3Client>(isBroughtClient, 'expected an S3Client, or a configuration for one')
    .optional(),
  uploadConcurrency: z.int().min(1).max(50).optional(),
  partSizeBytes: z
    .int()
    .min(5 * MIB)
    .max(100 * MIB)
    .optional(),
  importTimeoutSeconds: z.int().min(1).optional(),
  importErrorSleepSeconds: z.int().min(0).optional(),
  serverSideEncryption: z.enum(SERVER_SIDE_ENCRYPTIONS).optional(),
  sseKmsKeyId: name.optional(),
});

/** Which function gives the S3 settings, and which roles to trust. */
export const loaderConfigSettings = {
  loaderConfig: z
    .string()
    .refine(
      (text) => splitTableName(text)?.schema !== undefined,
      "expected 'schema.function', spelled as in the catalogue",
    )
    .optional(),
  loaderConfigOwner: name.optional(),
};

const accessSchema = z.strictObject({
  postgresql: connectionSchema.default({}),
  s3: s3Schema.default({}),
  ...loaderConfigSettings,
});

/** An access configuration with its defaults filled in. */
export type ResolvedAccess = z.output<typeof accessSchema>;

/** How to reach a database: the same for loads, migrations and all else. */
export type Connection = z.output<typeof connectionSchema>;

/** @throws RelytError CONFIG_INVALID */
export function resolveAccess(config: AccessConfig): ResolvedAccess {
  refuseUndefined(config);
  return checkedAccess(checkedConfig(accessSchema, config));
}

/**
 * A connection of the caller's goes where it goes: a host beside it would be ignored.
 * @throws RelytError CONFIG_INVALID
 */
function checkOneWay({ pool, connect, ...settings }: Connection): void {
  if (pool === undefined && connect === undefined) return;
  const way = pool === undefined ? 'connect' : 'pool';
  const beside = pool !== undefined && connect !== undefined ? ['connect'] : [];
  const others = [...beside, ...Object.keys(settings).filter((name) => !OF_TARGET.includes(name))];
  if (others.length === 0) return;
  throw withoutUse('postgresql', way, {
    others,
    hint: 'Give either connections of your own, or the settings to make them.',
  });
}

function withoutUse(
  section: string,
  setting: string,
  { others, hint }: { readonly others: readonly string[]; readonly hint: string },
): RelytError {
  const idle = others.map((name) => `${section}.${name}`).join(', ');
  const message = `The configuration is not valid: ${section}.${setting} leaves no use for ${idle}.`;
  return new RelytError('CONFIG_INVALID', message, { hint });
}

/** Settings that name the table, not the connection. */
const OF_TARGET: readonly string[] = ['schema', 'table'];

/** @throws RelytError CONFIG_INVALID for keys that a function would replace */
function checkOneSigner({ credentials, ...s3 }: ResolvedAccess['s3']): void {
  if (credentials === undefined) return;
  const others = (['accessKey', 'secretKey', 'sessionToken', 'client'] as const).filter(
    (name) => s3[name] !== undefined,
  );
  if (others.length === 0) return;
  const hint =
    'Give either keys, or a function that returns them, or a client with credentials of its own.';
  throw withoutUse('s3', 'credentials', { others, hint });
}

/** The settings that say where to connect to, and with which rights. */
const ACCESS_SETTINGS = [
  'postgresql',
  's3',
  'loaderConfig',
  'loaderConfigOwner',
  'greenplum',
  'awsS3',
];

/**
 * A setting that is present but undefined, for example from an environment variable that is not set, must not take the
 * default: that is another database, or another bucket.
 * @throws RelytError CONFIG_INVALID naming every such setting
 */
export function refuseUndefined(config: unknown): void {
  const given = typeof config === 'object' && config !== null ? config : {};
  const names = ACCESS_SETTINGS.filter((name) => Object.hasOwn(given, name)).flatMap((name) =>
    undefinedIn((given as Readonly<Record<string, unknown>>)[name], name),
  );
  if (names.length === 0) return;
  throw new RelytError(
    'CONFIG_INVALID',
    `The configuration is not valid: ${names.map((name) => `${name} is undefined`).join('; ')}.`,
    {
      hint: 'Give the setting a value (is a variable of the environment not set?), or leave it out of the object for its default.',
    },
  );
}

function undefinedIn(value: unknown, name: string): readonly string[] {
  if (value === undefined) return [name];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  // Those of objects that are not written down here, a key for instance, are not settings.
  const kind = Object.getPrototypeOf(value);
  if (kind !== Object.prototype && kind !== null) return [];
  return Object.entries(value).flatMap(([part, is]) => undefinedIn(is, `${name}.${part}`));
}

/**
 * From here on nothing shows the secrets of the configuration; the database keeps its own.
 * @throws RelytError CONFIG_INVALID for settings of the access that leave each other without use
 */
export function checkedAccess<C extends ResolvedAccess>(config: C): C {
  keepSecret(config.s3.secretKey, config.s3.sessionToken);
  checkOneWay(config.postgresql);
  checkOneSigner(config.s3);
  return config;
}
