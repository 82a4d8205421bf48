import { z } from 'zod';
import {
  connectionSchema,
  keptSecret,
  leaseSeconds,
  loaderConfigSettings,
  name,
  refuseUndefined,
  s3Schema,
} from './access-config.ts';
import { checkedConfig } from './checked-config.ts';

const MIB = 1024 * 1024;

/** Goes into a statement as one word. */
const word = z
  .string()
  .regex(/^[\x21-\x26\x28-\x7e]+$/, 'expected no spaces, quotes or other than ASCII characters');

const postgresqlSchema = connectionSchema
  .extend({
    schema: name.default('public').describe('Schema of the target table.'),
    table: name.describe('Target table, spelled as in the catalogue.'),
  })
  .describe('Where the target table is.');

/** The one description of the configuration: types, defaults, validation and `docs/reference/config.md` come from it. */
export const configSchema = z.strictObject({
  postgresql: postgresqlSchema,
  s3: s3Schema.default({}),
  ...loaderConfigSettings,
  engine: z
    .enum(['auto', 'relyt', 'greenplum', 'aws-s3', 'copy', 'postgres', 'direct'])
    .default('auto')
    .describe(
      "How records get into the database; `relyt engines` lists the ways. 'auto' finds out from the database itself, and takes 'direct' where no S3 is configured.",
    ),
  greenplum: z
    .strictObject({
      config: word
        .optional()
        .describe(
          "Path of the s3 protocol's configuration file on every segment host. Default: s3/s3.conf in the data directory of each segment.",
        ),
      configServer: word.optional().describe('URL that serves the configuration file instead.'),
      section: word.optional().describe('Section of the configuration file. Default: `default`.'),
    })
    .default({})
    .describe("Where Greenplum and Cloudberry find the keys; only for the engine 'greenplum'."),
  awsS3: z
    .strictObject({
      endpointUrl: word
        .optional()
        .describe('S3 endpoint, for emulations of the extension; RDS and Aurora take none.'),
    })
    .default({})
    .describe("Only for the engine 'aws-s3'."),
  columns: z
    .union([
      z.array(name).min(1).readonly(),
      z.record(name, z.union([name, z.int().min(0)])).readonly(),
    ])
    .optional()
    .describe(
      'Columns to load: a list of names, or an object column → property of the record. Default: the property names of the first record.',
    ),
  groupColumn: name
    .optional()
    .describe(
      'Column that holds the group of a record, for a table with an auxiliary one. Default: what `relyt init --routing` stored, or else group_id or routing_id, whichever there is.',
    ),
  onConflict: z
    .enum(['update', 'nothing', 'error'])
    .default('update')
    .describe(
      "When the primary key of a record exists already: 'update' lets the last record win, 'nothing' the first one, 'error' fails. Tables without a primary key keep every record.",
    ),
  batchSize: z
    .int()
    .min(1)
    .max(100_000_000)
    .default(100_000)
    .describe('Most records of a staged file, with or without positions.'),
  maxFileBytes: z
    .int()
    .min(MIB)
    .max(1024 * 1024 * MIB)
    .default(256 * MIB)
    .describe(
      'Most bytes of rows in a staged file, before compression. The record that reaches them is the last one of its file.',
    ),
  fileWriteTimeoutSeconds: z
    .number()
    .positive()
    .max(86_400)
    .default(6)
    .describe(
      'Longest time a staged file stays open, in seconds: records that trickle in arrive after at most about this long.',
    ),
  batchImportSize: z
    .int()
    .min(1)
    .max(60)
    .default(10)
    .describe(
      'Most staged files of one import; raised to a multiple of the segments where segments read them.',
    ),
  concurrency: z.int().min(1).max(64).default(1).describe('Imports at once.'),
  maxErrorRecords: z
    .int()
    .min(0)
    .default(0)
    .describe(
      'Rejected records tolerated in the whole task. They are kept in relyt_sys.relyt_loader_reject.',
    ),
  compression: z.enum(['none', 'gzip']).default('none').describe('Compression of staged files.'),
  layout: z
    .enum(['auto', 'csv', 'binary'])
    .default('auto')
    .describe(
      "How rows are written into staged files: 'csv', or 'binary' as PostgreSQL's binary COPY, which costs loader and database a fraction and needs an engine that reads it. 'auto' takes binary where it can be read.",
    ),
  bufferBytes: z
    .int()
    .min(16 * MIB)
    .default(64 * MIB)
    .describe(
      "Memory for parts being filled and uploaded, or with the engine 'direct' imported, in bytes. Raised to what `concurrency` needs at least.",
    ),
  leaseSeconds: leaseSeconds.describe(
    'How long after its last sign of life a task may be taken over by a resume, in seconds.',
  ),
  source: z
    .json()
    .optional()
    .describe(
      'What the records come from, in your own words (JSON): stored with the task, for the one who resumes it.',
    ),
  cleanup: z
    .enum(['on-success', 'always', 'never'])
    .default('on-success')
    .describe(
      "Staged files: 'on-success' deletes them when the task has ended well, and keeps them until then, because a database that goes back in time needs them again; 'always' also when the task fails, which then cannot be resumed unless all were imported; 'never' keeps them.",
    ),
  signal: z
    .custom<AbortSignal>((value) => value instanceof AbortSignal, 'expected an AbortSignal')
    .optional()
    .describe('Aborts the task, like abort().'),
});

/**
 * Configuration as the caller gives it; everything with a default may be left out.
 *
 * @example
 * ```ts
 * import type { BulkProcessorConfig } from 'relyt-sdk';
 *
 * const config: BulkProcessorConfig = {
 *   postgresql: { host: 'localhost', username: 'loader', database: 'app', table: 'events' },
 *   concurrency: 4,
 *   maxErrorRecords: 100,
 * };
 * ```
 */
export type BulkProcessorConfig = z.input<typeof configSchema>;

/** Configuration with its defaults filled in. */
export type ResolvedConfig = z.output<typeof configSchema>;

/**
 * Checks a configuration and fills in defaults.
 * @throws RelytError CONFIG_INVALID naming every wrong setting; values are never quoted, they may be secrets.
 */
export function resolveConfig(config: BulkProcessorConfig): ResolvedConfig {
  refuseUndefined(config);
  return keptSecret(checkedConfig(configSchema, config));
}

/**
 * The setting `columns` of a load whose other settings are checked already.
 * @throws RelytError CONFIG_INVALID
 */
export function resolveColumns(columns: BulkProcessorConfig['columns']): ResolvedConfig['columns'] {
  return checkedConfig(configSchema.pick({ columns: true }), { columns }).columns;
}
