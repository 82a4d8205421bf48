import type { ResolvedAccess } from '../config/access-schema.ts';
import { type ImportLimits, readImportLimits } from '../core/import-limits.ts';
import {
  type FieldNaming,
  type RawS3Settings,
  type S3Field,
  s3FieldReader,
} from '../core/s3-field-reader.ts';
import { fieldsOf, normalizeS3Settings, type S3Settings } from '../core/s3-settings.ts';
import { splitTableName } from '../core/table-name.ts';
import { type FoundS3Settings, readLoaderConfig } from '../database/loader-config.ts';
import type { Reader } from '../database/session.ts';
import type { TrustedConfig } from '../database/statements/loader-config.ts';
import { RelytError } from '../errors.ts';

type Overrides = ResolvedAccess['s3'];

/** Settings of the configuration that say where the S3 settings are. */
export type S3Access = Pick<ResolvedAccess, 's3' | 'loaderConfig' | 'loaderConfigOwner'>;

/** What the configuration calls the fields of LOADER_CONFIG. */
const OVERRIDE_OF = {
  endpoint: 'endpoint',
  region: 'region',
  bucket_name: 'bucket',
  prefix: 'prefix',
  access_key: 'accessKey',
  secret_key: 'secretKey',
  session_token: 'sessionToken',
  concurrency: 'uploadConcurrency',
  part_size: 'partSizeBytes',
  import_timeout: 'importTimeoutSeconds',
  import_error_sleep_time: 'importErrorSleepSeconds',
  server_side_encryption: 'serverSideEncryption',
  sse_kms_key_id: 'sseKmsKeyId',
} satisfies Record<S3Field, keyof Overrides>;

/**
 * The database's settings with the overrides of the configuration. Endpoint and bucket in the configuration are
 * enough: what the database has is then asked for, but need not be there.
 *
 * @throws RelytError LOADER_CONFIG_MISSING, LOADER_CONFIG_INVALID, DATABASE_…
 */
export async function readS3Settings(database: Reader, access: S3Access): Promise<S3Settings> {
  return (await findS3Settings(database, access)).settings;
}

/** Those of the settings that hold without S3 as well. @throws RelytError LOADER_CONFIG_INVALID */
export function readLimits({ s3 }: Pick<S3Access, 's3'>): ImportLimits {
  const given = givenFields(s3);
  return readImportLimits(s3FieldReader(given, naming(given, undefined)));
}

/** Fields that say how to go about a load, and not that it goes over S3. */
const NO_PLACE: ReadonlySet<string> = new Set<S3Field>([
  'concurrency',
  'part_size',
  'import_timeout',
  'import_error_sleep_time',
]);

/** Whether the configuration says that S3 is to be used, if only in part. */
export function namesS3({ s3, loaderConfig, loaderConfigOwner }: S3Access): boolean {
  if (s3.client !== undefined) return true;
  const named = Object.keys(givenFields(s3)).some((field) => !NO_PLACE.has(field));
  return named || loaderConfig !== undefined || loaderConfigOwner !== undefined;
}

/** S3 settings, and where they came from. */
export interface PlacedS3Settings {
  readonly settings: S3Settings;
  /** The function or table; undefined where the database was not asked, or has none. */
  readonly inDatabase: string | undefined;
  /** Whether the configuration overrides any of them. */
  readonly isOverridden: boolean;
}

/** As `readS3Settings`, for callers that say where the settings came from. */
export async function findS3Settings(
  database: Reader,
  access: S3Access,
): Promise<PlacedS3Settings> {
  const given = givenFields(access.s3);
  const { credentials: provide, client } = access.s3;
  const isSigned = provide !== undefined || ('access_key' in given && 'secret_key' in given);
  const found = await foundFields(database, { given, isSigned }, trustedConfig(access));
  const fields = { ...besides(given, found?.settings), ...given };
  const named = naming(given, found);
  const settings =
    provide === undefined
      ? normalizeS3Settings(fields, named)
      : {
          ...normalizeS3Settings(withoutKeys(fields), named),
          credentials: { kind: 'provider', provide } as const,
        };
  return {
    settings: client === undefined ? settings : { ...settings, client },
    inDatabase: found?.source,
    isOverridden: Object.keys(given).length > 0,
  };
}

/** The function is written as a table would be, with its schema. */
export function trustedConfig({
  loaderConfig,
  loaderConfigOwner,
}: Omit<S3Access, 's3'>): TrustedConfig {
  const { schema, table: name } = splitTableName(loaderConfig ?? '') ?? {};
  const isNamed = schema !== undefined && name !== undefined;
  return { loaderConfigOwner, ...(isNamed ? { loaderConfig: { schema, name } } : {}) };
}

function placesOf({ loaderConfig }: TrustedConfig): string {
  return loaderConfig === undefined
    ? 'relyt_sys.loader_config() or relyt_sys.sdk_loader_config'
    : `${loaderConfig.schema}.${loaderConfig.name}()`;
}

export function givenFields(overrides: Overrides): RawS3Settings {
  const fields = Object.entries(OVERRIDE_OF).map(([field, name]) => [field, overrides[name]]);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

async function foundFields(
  database: Reader,
  { given, isSigned }: { readonly given: RawS3Settings; readonly isSigned: boolean },
  trusted: TrustedConfig,
): Promise<FoundS3Settings | undefined> {
  const suffices = 'endpoint' in given && 'bucket_name' in given;
  // With the keys as well, nothing is left to ask for, and the role need not be allowed to.
  if (suffices && isSigned) return undefined;
  const found = await readLoaderConfig(database, trusted).catch((error: unknown) => {
    if (suffices && isDenied(error)) return undefined;
    throw error;
  });
  if (found !== undefined || suffices) return found;
  throw new RelytError(
    'LOADER_CONFIG_MISSING',
    `The database has no S3 settings (${placesOf(trusted)}).`,
  );
}

function withoutKeys(fields: RawS3Settings): RawS3Settings {
  const { access_key: _, secret_key: __, session_token: ___, ...rest } = fields;
  return rest;
}

/** The database's fields that those given leave in force: a session token belongs to its own access key. */
function besides(given: RawS3Settings, found: RawS3Settings = {}): RawS3Settings {
  if (!('access_key' in given)) return found;
  const { session_token: _, ...rest } = found;
  return rest;
}

/** A field is named where the user can correct it. */
function naming(given: RawS3Settings, found: FoundS3Settings | undefined): FieldNaming {
  return (field) =>
    found === undefined || field in given
      ? `\`s3.${OVERRIDE_OF[field]}\` of the configuration`
      : fieldsOf(found.source)(field);
}

function isDenied(error: unknown): boolean {
  return error instanceof RelytError && error.code === 'DATABASE_PERMISSION_DENIED';
}
