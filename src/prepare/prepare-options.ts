import { z } from 'zod';
import type { LoaderConfigSource } from '../config/access-config.ts';
import { loaderConfigSettings, name, refuseUndefined, s3Schema } from '../config/access-schema.ts';
import { checkedConfig } from '../config/checked-config.ts';
import type { S3Config } from '../config/s3-config.ts';
import { keepSecret } from '../core/redaction.ts';
import type { RawS3Settings } from '../core/s3-field-reader.ts';
import { ENGINE_NAMES, type EngineName } from '../engines/profiles.ts';
import { RelytError } from '../errors.ts';
import { qualifiedTableName } from '../routing/qualified-table-name.ts';
import { givenFields, trustedConfig } from '../task/read-s3-settings.ts';
import type { PlannedRouting, Preparation } from './preparation.ts';

/** S3 settings that the database keeps for every load. */
export interface StoredS3Settings
  extends Omit<
    S3Config,
    'sessionToken' | 'credentials' | 'client' | 'serverSideEncryption' | 'sseKmsKeyId'
  > {
  /**
   * Store no keys, and remove those that are stored: every loader uses the AWS credentials of its own process. Not for
   * engines that keep keys in a statement.
   * @default false
   * @example true
   */
  readonly defaultCredentials?: boolean | undefined;
}

/** Tables whose big groups are to live in a table of their own. */
export interface RoutingOptions {
  /**
   * Main tables as `schema.table`; each gets an auxiliary and a routing table.
   * @example ['public.events']
   */
  readonly tables: readonly string[];
  /**
   * Column of the groups, stored for all loads. Default: what is stored, else group_id or routing_id.
   * @example 'tenant_id'
   */
  readonly groupColumn?: string | undefined;
  /**
   * Also a view over both tables, `TABLE_relyt_all`.
   * @default false
   * @example true
   */
  readonly view?: boolean | undefined;
}

/** What `prepare()` brings a database to. Everything may be left out: then only the schema is prepared. */
export interface PrepareOptions {
  /**
   * How the database is to read staged files. 'auto' finds out from the database itself.
   * @default 'auto'
   * @example 'postgres'
   */
  readonly engine?: 'auto' | EngineName | undefined;
  /**
   * Roles that get the rights a loader needs, spelled as in the catalogue.
   * @default []
   * @example ['loader']
   */
  readonly roles?: readonly string[] | undefined;
  /**
   * S3 settings to write over those the database has. Default: they stay as they are.
   * @example { endpoint: 's3.amazonaws.com', bucket: 'loads', region: 'eu-west-1' }
   */
  readonly s3?: StoredS3Settings | undefined;
  /**
   * Used where neither `s3` nor the database has the setting. Without `s3` it has no effect.
   * @example { region: process.env.AWS_REGION ?? 'us-east-1' }
   */
  readonly s3Defaults?: Pick<S3Config, 'accessKey' | 'secretKey' | 'region'> | undefined;
  /**
   * URLs from which the database may download staged files, beside the place of the S3 settings. Only for the engine
   * 'postgres'.
   * @default []
   * @example ['https://loads.s3.eu-west-1.amazonaws.com/relyt/']
   */
  readonly allowLocations?: readonly string[] | undefined;
  /**
   * Tables whose big groups are to live in a table of their own.
   * @example { tables: ['public.events'], view: true }
   */
  readonly routing?: RoutingOptions | undefined;
}

const names = z.array(name).readonly();

const prepareSchema = z.strictObject({
  ...loaderConfigSettings,
  engine: z.enum(['auto', ...ENGINE_NAMES]).default('auto'),
  roles: names.default([]),
  s3: s3Schema
    .omit({
      sessionToken: true,
      credentials: true,
      client: true,
      serverSideEncryption: true,
      sseKmsKeyId: true,
    })
    .extend({ defaultCredentials: z.boolean().default(false) })
    .default({ defaultCredentials: false }),
  s3Defaults: s3Schema.pick({ accessKey: true, secretKey: true, region: true }).default({}),
  allowLocations: names.default([]),
  routing: z
    .strictObject({
      tables: names,
      groupColumn: name.optional(),
      view: z.boolean().default(false),
    })
    .default({ tables: [], view: false }),
});

/** What is to be prepared, and which tables are to be routed. */
export interface ResolvedPreparation {
  readonly preparation: Preparation;
  readonly routing: PlannedRouting;
}

/** @throws RelytError CONFIG_INVALID naming every wrong option; values are never quoted, they may be secrets. */
export function resolvePreparation(
  options: PrepareOptions & LoaderConfigSource,
): ResolvedPreparation {
  refuseUndefined(options);
  const { s3, s3Defaults, routing, ...given } = checkedConfig(prepareSchema, options);
  keepSecret(s3.secretKey, s3Defaults.secretKey);
  return {
    preparation: {
      engine: given.engine,
      roles: given.roles,
      trusted: trustedConfig(given),
      s3: storedFields(s3),
      s3Fallback: givenFields(s3Defaults),
      locations: given.allowLocations,
    },
    routing: {
      tables: routing.tables.map(qualifiedTableName),
      groupColumn: routing.groupColumn,
      view: routing.view,
    },
  };
}

/** Keys that are to be absent are ''. @throws RelytError CONFIG_INVALID for keys that are given and declined */
function storedFields({
  defaultCredentials,
  ...s3
}: z.output<typeof prepareSchema>['s3']): RawS3Settings {
  const fields = givenFields(s3);
  if (!defaultCredentials) return fields;
  if ('access_key' in fields || 'secret_key' in fields) {
    const message = 'The setting s3.defaultCredentials stores no keys, but s3 gives some.';
    throw new RelytError('CONFIG_INVALID', message, { hint: 'Leave one of them out.' });
  }
  return { ...fields, access_key: '', secret_key: '' };
}
