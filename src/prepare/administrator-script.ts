import { normalizeLocation } from '../core/location.ts';
import { normalizeS3Settings } from '../core/s3-settings.ts';
import { loaderConfigScript } from '../database/loader-config.ts';
import { installScript } from '../database/schema/install.ts';
import { allowLocationSql } from '../database/statements/location.ts';
import { type EngineProfile, PROFILES } from '../engines/profiles.ts';
import type { Preparation } from './preparation.ts';
import { stagingLocation } from './prepare-database.ts';

/** All that `prepareDatabase` does, as SQL for an administrator to read and run. Needs no database, holds no secret. */
export async function administratorScript(preparation: Preparation): Promise<string> {
  const { roles, s3 } = preparation;
  const { engine, dialect } = scriptProfile(preparation.engine);
  const settings = Object.keys(s3).length === 0 ? {} : { ...preparation.s3Fallback, ...s3 };
  const locations = preparation.locations.map(normalizeLocation);
  const staging = await stagingLocationOf(settings);
  if (staging !== undefined) locations.unshift(staging);
  return [
    installScript({ engine, dialect, roles }),
    loaderConfigScript({ settings, roles, ...preparation.trusted }),
    ...(engine === 'postgres' ? locationLines(locations) : []),
  ].join('\n');
}

/** Without a database there is nothing to find out: `auto` is a self-managed PostgreSQL. */
function scriptProfile(engine: Preparation['engine']): EngineProfile {
  const chosen = engine === 'auto' ? 'postgres' : engine;
  return Object.values(PROFILES).find((profile) => profile.engine === chosen) ?? PROFILES.postgres;
}

function locationLines(locations: readonly string[]): string[] {
  return [
    '-- where the database may download staged files from',
    ...(locations.length > 0
      ? [...new Set(locations)].map(allowLocationSql)
      : ['-- (none yet: add --allow-location, or the S3 endpoint and bucket)']),
  ];
}

/** Undefined while endpoint or bucket are not known; the keys do not matter for it. */
async function stagingLocationOf(settings: Preparation['s3']): Promise<string | undefined> {
  if (settings.endpoint === undefined || settings.bucket_name === undefined) return undefined;
  const place = { ...settings, access_key: '', secret_key: '' };
  return stagingLocation(normalizeS3Settings(place, 'the settings given'));
}
