import { normalizeLocation } from '../core/location.ts';
import type { RawS3Settings } from '../core/s3-field-reader.ts';
import { normalizeS3Settings, type S3Settings } from '../core/s3-settings.ts';
import type { Database } from '../database/database.ts';
import { databaseError } from '../database/database-error.ts';
import {
  type FoundS3Settings,
  readLoaderConfig,
  writeLoaderConfig,
} from '../database/loader-config.ts';
import { foreignCodeToMend } from '../database/schema/foreign-code.ts';
import { installSchema } from '../database/schema/install.ts';
import { MIGRATIONS } from '../database/schema/migrations.ts';
import type { TrustedConfig } from '../database/statements/loader-config.ts';
import { allowLocation } from '../database/statements/location.ts';
import { rolesNamed } from '../database/statements/role.ts';
import { detectEngine } from '../engines/detect.ts';
import { locationUrl } from '../engines/location-url.ts';
import { RelytError } from '../errors.ts';
import { S3ObjectStore } from '../staging/s3-object-store.ts';
import type { Preparation, PreparedDatabase, PreparedLocation, S3Place } from './preparation.ts';

/**
 * Brings a database to where loads can run: schema, roles, S3 settings, allowed locations. Doing it again
 * changes nothing. What is wrong with the settings is found before anything is written.
 *
 * @throws RelytError FOREIGN_CODE, LOADER_CONFIG_INVALID, CONFIG_INVALID, SCHEMA_TOO_NEW, DATABASE_…
 */
export async function prepareDatabase(
  database: Database,
  preparation: Preparation,
): Promise<PreparedDatabase> {
  const { roles } = preparation;
  await requireRoles(database, roles);
  const { engine, dialect } = await detectEngine(database, preparation.engine);
  const locations = preparation.locations.map(normalizeLocation);
  // Reading the settings reads relyt_sys; the installation then repairs what it can.
  await foreignCodeToMend(database, dialect);
  const change = await plannedChange(database, preparation);
  const applied = await installSchema(database, { engine, dialect, roles });
  const { wasPublic } = await writeLoaderConfig(database, {
    settings: change.write,
    roles,
    ...preparation.trusted,
  });
  if (change.result !== undefined) locations.unshift(await stagingLocation(change.result));
  return {
    engine,
    migrations: MIGRATIONS.filter(({ number }) => applied.includes(number)).map(({ name }) => name),
    roles,
    s3: change.result === undefined ? null : s3PlaceOf(change.result),
    locations: engine === 'postgres' ? await allow(database, new Set(locations)) : [],
    secretWasPublic: wasPublic,
  };
}

/** What is in relyt_sys comes first: with it nothing is taken over from the function that is named. */
async function readSettingsBefore(
  database: Database,
  trusted: TrustedConfig,
): Promise<FoundS3Settings | undefined> {
  const { loaderConfig, loaderConfigOwner } = trusted;
  const found = await readLoaderConfig(database.sharedReads(), { loaderConfigOwner });
  return found === undefined && loaderConfig !== undefined
    ? readLoaderConfig(database.sharedReads(), trusted)
    : found;
}

interface PlannedChange {
  readonly write: RawS3Settings;
  /** All settings as they will be; undefined when none are written. */
  readonly result: S3Settings | undefined;
}

async function plannedChange(
  database: Database,
  { s3, s3Fallback, trusted }: Preparation,
): Promise<PlannedChange> {
  if (Object.keys(s3).length === 0) return { write: {}, result: undefined };
  const found = await readSettingsBefore(database, trusted);
  const known = givenSettings(found?.settings ?? {});
  // Stored as '', or asked to be: no keys, on purpose.
  const withoutKeys = (s3.access_key ?? found?.settings.access_key) === '';
  const decided = withoutKeys || KEYS.some((key) => key in known || key in s3);
  const fallback = Object.entries(s3Fallback).filter(
    ([name]) => !(name in known) && !(decided && KEYS.includes(name)),
  );
  const merged = { ...Object.fromEntries(fallback), ...known, ...s3 };
  const source = found === undefined ? 'the settings given' : `${found.source} and those given`;
  const result = normalizeS3Settings(merged, source);
  if (result.credentials.kind === 'default-chain' && !withoutKeys) throw missingKeys(source);
  return { write: { ...Object.fromEntries(fallback), ...s3 }, result };
}

const KEYS: readonly string[] = ['access_key', 'secret_key'];

function givenSettings(settings: RawS3Settings): RawS3Settings {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== null && value !== ''),
  );
}

/** To have no keys is a decision: forgetting them must not look like it. */
function missingKeys(source: string): RelytError {
  return new RelytError(
    'LOADER_CONFIG_INVALID',
    `Expected \`access_key\` and \`secret_key\` of ${source} to be given.`,
    {
      hint: 'Give --s3-access-key and RELYT_S3_SECRET_KEY, or use --s3-default-credentials to have every loader use the AWS credentials of its own process. In code: accessKey and secretKey, or defaultCredentials.',
    },
  );
}

/** Where the staged files of these settings will be, as the database sees them. Needs no credentials. */
export async function stagingLocation(settings: S3Settings): Promise<string> {
  // The location does not depend on the keys, and an administrator may have none of a loader.
  const credentials = { kind: 'keys', accessKey: 'none', secretKey: 'none' } as const;
  const store = new S3ObjectStore({ ...settings, credentials });
  try {
    return await locationUrl(store, settings);
  } finally {
    store.close();
  }
}

/** A role that is not there would make the whole installation fail, and nothing of it would say why. */
async function requireRoles(database: Database, roles: readonly string[]): Promise<void> {
  const found = await database.query<{ name: string }>(rolesNamed(roles)).catch((error) => {
    throw databaseError(error, 'look for the roles');
  });
  const names = new Set(found.map(({ name }) => name));
  const missing = roles.filter((role) => !names.has(role));
  if (missing.length === 0) return;
  const shown = missing.map((role) => JSON.stringify(role)).join(', ');
  throw new RelytError('CONFIG_INVALID', `The database has no role ${shown}.`, {
    hint: 'Create the role first (CREATE ROLE … LOGIN), or correct its name; names are case-sensitive here.',
  });
}

async function allow(
  database: Database,
  urls: Iterable<string>,
): Promise<readonly PreparedLocation[]> {
  const allowed: PreparedLocation[] = [];
  try {
    for (const url of urls)
      allowed.push({ url, added: (await database.execute(allowLocation(url))) > 0 });
  } catch (error) {
    throw databaseError(error, 'allow the S3 location');
  }
  return allowed;
}

function s3PlaceOf({ endpoint, bucket, region, prefix }: S3Settings): S3Place {
  return { endpoint, bucket, region, prefix };
}
