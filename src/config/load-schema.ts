import { z } from 'zod';
import { RelytError } from '../errors.ts';
import {
  checkedAccess,
  connectionSchema,
  leaseSeconds,
  loaderConfigSettings,
  name,
  refuseUndefined,
  s3Schema,
} from './access-schema.ts';
import { checkedConfig } from './checked-config.ts';
import type { LoadConfig } from './load-config.ts';
import { isLogger, type Logger } from './logger.ts';

const MIB = 1024 * 1024;

/** Goes into a statement as one word. */
const word = z
  .string()
  .regex(/^[\x21-\x26\x28-\x7e]+$/, 'expected no spaces, quotes or other than ASCII characters');

const columnNames = z
  .array(name)
  .min(1)
  .refine((names) => new Set(names).size === names.length, 'expected no name twice')
  .readonly();

const postgresqlSchema = connectionSchema.extend({
  schema: name.default('public'),
  table: name,
});

/** What `LoadConfig` says in types, with defaults and limits. A test holds the two and `docs/reference/config.md` together. */
export const configSchema = z.strictObject({
  postgresql: postgresqlSchema,
  s3: s3Schema.default({}),
  ...loaderConfigSettings,
  engine: z
    .enum(['auto', 'relyt', 'greenplum', 'aws-s3', 'copy', 'postgres', 'direct'])
    .default('auto'),
  greenplum: z
    .strictObject({
      config: word.optional(),
      configServer: word.optional(),
      section: word.optional(),
    })
    .default({}),
  awsS3: z
    .strictObject({
      endpointUrl: word.optional(),
    })
    .default({}),
  columns: z
    .union([
      z.array(name).min(1).readonly(),
      z.record(name, z.union([name, z.int().min(0)])).readonly(),
    ])
    .optional(),
  groupColumn: name.optional(),
  conflictColumns: columnNames.optional(),
  updateColumns: columnNames.optional(),
  onConflict: z.enum(['update', 'nothing', 'error']).default('update'),
  batchSize: z.int().min(1).max(100_000_000).default(100_000),
  maxFileBytes: z
    .int()
    .min(MIB)
    .max(1024 * 1024 * MIB)
    .default(256 * MIB),
  fileWriteTimeoutSeconds: z.number().positive().max(86_400).default(6),
  batchImportSize: z.int().min(1).max(60).default(10),
  concurrency: z.int().min(1).max(64).default(1),
  maxErrorRecords: z.int().min(0).default(0),
  compression: z.enum(['none', 'gzip']).default('none'),
  layout: z.enum(['auto', 'csv', 'binary']).default('auto'),
  bufferBytes: z
    .int()
    .min(16 * MIB)
    .default(64 * MIB),
  leaseSeconds,
  source: z.json().optional(),
  cleanup: z.enum(['on-success', 'always', 'never']).default('on-success'),
  logger: z
    .custom<Logger>(isLogger, 'expected the methods trace, debug, info, warn, error and fatal')
    .optional(),
  signal: z
    .custom<AbortSignal>((value) => value instanceof AbortSignal, 'expected an AbortSignal')
    .optional(),
});

/** Configuration with its defaults filled in. */
export type ResolvedConfig = z.output<typeof configSchema>;

/**
 * Checks a configuration and fills in defaults.
 * @throws RelytError CONFIG_INVALID naming every wrong setting; values are never quoted, they may be secrets.
 */
export function resolveConfig(config: LoadConfig): ResolvedConfig {
  refuseUndefined(config);
  const resolved = checkedAccess(checkedConfig(configSchema, config));
  checkConflictSettings(resolved);
  checkClientUsed(resolved);
  return resolved;
}

/** @throws RelytError CONFIG_INVALID for a client of S3 where nothing goes over S3 */
function checkClientUsed({ engine, s3 }: ResolvedConfig): void {
  if (engine !== 'direct' || s3.client === undefined) return;
  const message = "The engine 'direct' uses no S3, so s3.client has no use.";
  const hint = 'Leave s3.client out, or choose an engine that stages files: `relyt engines`.';
  throw new RelytError('CONFIG_INVALID', message, { hint });
}

/** @throws RelytError CONFIG_INVALID for a setting that the others leave without effect */
function checkConflictSettings(config: ResolvedConfig): void {
  const { onConflict, conflictColumns, updateColumns } = config;
  const idle =
    conflictColumns !== undefined && onConflict === 'error'
      ? 'conflictColumns'
      : updateColumns !== undefined && onConflict !== 'update' && 'updateColumns';
  if (!idle) return;
  throw new RelytError(
    'CONFIG_INVALID',
    `The configuration is not valid: ${idle} has no effect with onConflict '${onConflict}'.`,
    { hint: `Leave ${idle} out, or set onConflict to 'update'.` },
  );
}

/**
 * The setting `columns` of a load whose other settings are checked already.
 * @throws RelytError CONFIG_INVALID
 */
export function resolveColumns(columns: LoadConfig['columns']): ResolvedConfig['columns'] {
  return checkedConfig(configSchema.pick({ columns: true }), { columns }).columns;
}
