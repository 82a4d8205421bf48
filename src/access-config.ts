/** How to reach the database and S3: the part of every configuration, be it of a load, a migration or an operation. */

import { z } from 'zod';
import { checkedConfig } from './checked-config.ts';
import { connectionOptions } from './core/connection/connection-string.ts';
import { keepSecret } from './core/redaction.ts';
import { SERVER_SIDE_ENCRYPTIONS } from './core/s3-encryption.ts';
import { splitTableName } from './core/table-name.ts';
import { RelytError } from './errors.ts';

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
    context.addIssue({ code: 'custom', message: `${message}. ${hint}` });
  }
}

export const connectionSchema = z
  .strictObject({
    connectionString: z
      .string()
      .superRefine(checkConnectionString)
      .optional()
      .describe(
        'Connection URL, or key=value pairs as libpq reads them. What it gives comes before the settings beside it.',
      ),
    host: name.optional().describe('Host name or address. Default: PGHOST, else localhost.'),
    port: port.optional().describe('Port. Default: PGPORT, else 5432.'),
    username: name
      .optional()
      .describe('Role to connect as. Default: PGUSER, else the operating-system user.'),
    password: z
      .union([
        z.string(),
        z.custom<() => string | Promise<string>>(
          (value) => typeof value === 'function',
          'expected a text, or a function that returns one or a promise of one',
        ),
      ])
      .optional()
      .describe(
        'Password, or a function that returns it, called for each new connection: for tokens that expire. Default: PGPASSWORD, else ~/.pgpass.',
      ),
    database: name.optional().describe('Database. Default: PGDATABASE, else the user name.'),
    ssl: z
      .union([z.boolean(), z.looseObject({})])
      .optional()
      .describe(
        'TLS: true, or the options of `tls.connect` (ca, rejectUnauthorized …). Default: sslmode of the connection string, else PGSSLMODE, else prefer.',
      ),
  })
  .describe('Where the database is.');

export const s3Schema = z
  .strictObject({
    endpoint: name.optional().describe('Endpoint, with or without a scheme.'),
    region: name.optional().describe('Region used for signing.'),
    bucket: name.optional().describe('Bucket.'),
    prefix: z.string().optional().describe('Prefix of all keys.'),
    accessKey: name
      .optional()
      .describe(
        'Access key id. With neither key, here or in the database, the AWS credentials of this process are used.',
      ),
    secretKey: name.optional().describe('Secret access key.'),
    sessionToken: name.optional().describe('Session token of temporary credentials.'),
    uploadConcurrency: z
      .int()
      .min(1)
      .max(50)
      .optional()
      .describe('Parallel part uploads of one file.'),
    partSizeBytes: z
      .int()
      .min(5 * MIB)
      .max(100 * MIB)
      .optional()
      .describe('Bytes of a multipart part.'),
    importTimeoutSeconds: z
      .int()
      .min(1)
      .optional()
      .describe('Seconds an import may take, retries included.'),
    importErrorSleepSeconds: z
      .int()
      .min(0)
      .optional()
      .describe('Longest pause between two attempts, in seconds.'),
    serverSideEncryption: z
      .enum(SERVER_SIDE_ENCRYPTIONS)
      .optional()
      .describe('Encryption asked for staged files. Default: what is set for the bucket.'),
    sseKmsKeyId: name
      .optional()
      .describe(
        "Id, alias or ARN of the KMS key. Only with 'aws:kms' or 'aws:kms:dsse'; default: the key that AWS manages.",
      ),
  })
  .describe('Overrides of the S3 settings that LOADER_CONFIG() gives; all optional.');

/** Which function gives the S3 settings, and whom to believe. */
export const loaderConfigSettings = {
  loaderConfig: z
    .string()
    .refine(
      (text) => splitTableName(text)?.schema !== undefined,
      "expected 'schema.function', spelled as in the catalogue",
    )
    .optional()
    .describe(
      "Function without arguments that gives the S3 settings, as 'schema.function'. Default: relyt_sys.loader_config(), else the table relyt_sys.sdk_loader_config. No other function is called unless it is named here.",
    ),
  loaderConfigOwner: name
    .optional()
    .describe(
      'Role that may own the function or table of the S3 settings. Always believed: superusers, and the owner of the schema relyt_sys.',
    ),
};

const accessSchema = z.strictObject({
  postgresql: connectionSchema.default({}),
  s3: s3Schema.default({}),
  ...loaderConfigSettings,
});

/** Where the tasks are: the part of a configuration that needs no target table. */
export type AccessConfig = z.input<typeof accessSchema>;

/** The same with its defaults filled in. */
export type ResolvedAccess = z.output<typeof accessSchema>;

/** How to reach a database: the same for loads, migrations and all else. */
export type Connection = z.output<typeof connectionSchema>;

/** @throws RelytError CONFIG_INVALID */
export function resolveAccess(config: AccessConfig): ResolvedAccess {
  refuseUndefined(config);
  return keptSecret(checkedConfig(accessSchema, config));
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
 * A setting that is there without a value, as from a variable of the environment that nobody exported, must not lead
 * to the default: that is another database, or another bucket.
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
    `the configuration is not valid: ${names.map((name) => `${name} is undefined`).join('; ')}`,
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

/** From here on nothing shows the secrets of the configuration; the database keeps its own. */
export function keptSecret<C extends ResolvedAccess>(config: C): C {
  keepSecret(config.s3.secretKey, config.s3.sessionToken);
  return config;
}
