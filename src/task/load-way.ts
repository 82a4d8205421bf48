import type { ResolvedConfig } from '../config/load-schema.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import { mayNotInstall, missingAfter } from '../database/schema/install.ts';
import type { Reader } from '../database/session.ts';
import { readBookkeeping } from '../database/statements/bookkeeping.ts';
import { mayCreateSchema } from '../database/statements/role.ts';
import { engineOfTask } from '../database/statements/task.ts';
import { type DetectedDatabase, profileOf } from '../engines/detect.ts';
import { type EngineProfile, PROFILES } from '../engines/profiles.ts';
import { RelytError } from '../errors.ts';
import { namesS3, type S3Access } from './read-s3-settings.ts';

/** The way a load goes: by which engine, and over which bucket, if over any. */
export interface LoadWay {
  readonly profile: EngineProfile;
  readonly s3: S3Settings | undefined;
}

/** The engine that a task continues with where the configuration leaves it open; undefined for a new task. */
export async function begunWith(
  database: Reader,
  { engine }: ResolvedConfig,
  processId: string | undefined,
): Promise<string | undefined> {
  if (processId === undefined || engine !== 'auto') return undefined;
  const { tasks } = await readBookkeeping(database);
  if (!tasks) return undefined;
  const [task] = await database.query<{ engine: string }>(engineOfTask(processId));
  return task?.engine;
}

/** What the way is found from; all of it is being read. */
export interface WayWanted {
  readonly access: S3Access & Pick<ResolvedConfig, 'engine'>;
  readonly detected: Promise<DetectedDatabase>;
  /** Undefined where no S3 is to be used. */
  readonly s3: Promise<S3Settings> | undefined;
  /** Numbers of the migrations there are. */
  readonly applied: Promise<ReadonlySet<number>>;
  /** Not for a task that was begun over S3, which has files there. */
  readonly mayGoWithoutS3: boolean;
}

/** @throws RelytError LOADER_CONFIG_…, SCHEMA_MISSING */
export async function findWay(
  reads: Reader,
  { access, detected, s3, applied, mayGoWithoutS3 }: WayWanted,
): Promise<LoadWay> {
  const { traits, profile } = await detected;
  if (s3 === undefined) return { profile, s3 };
  try {
    return { profile, s3: await s3 };
  } catch (error) {
    const goesWithout = mayGoWithoutS3 && goesWithoutS3(profile, access, error);
    if (!goesWithout) throw await firstThingMissing(reads, { profile, applied, error });
    return { profile: profileOf(traits, PROFILES.direct.engine), s3: undefined };
  }
}

interface SettingsMissing extends Pick<WayWanted, 'applied'> {
  readonly profile: EngineProfile;
  readonly error: unknown;
}

/** Where relyt_sys is missing, so are the settings in it: a role that cannot install it gets an error about the schema. */
async function firstThingMissing(
  reads: Reader,
  { profile, applied, error }: SettingsMissing,
): Promise<unknown> {
  if (!(error instanceof RelytError) || error.code !== 'LOADER_CONFIG_MISSING') return error;
  const missing = missingAfter(await applied, profile.engine);
  if (missing.length === 0) return error;
  const [role] = await reads.query<{ allowed: boolean }>(mayCreateSchema());
  return role?.allowed ? error : mayNotInstall(missing, error);
}

/**
 * Whether a load goes without S3, because none is configured. Settings that are there and wrong stay an error, and so
 * does a database whose segments read S3: neither of them asks for another way.
 * @param missing why there are no settings
 */
export function goesWithoutS3(
  { dialect }: EngineProfile,
  access: S3Access & Pick<ResolvedConfig, 'engine'>,
  missing: unknown,
): boolean {
  const isMissing = missing instanceof RelytError && missing.code === 'LOADER_CONFIG_MISSING';
  return isMissing && access.engine === 'auto' && !dialect.distributed && !namesS3(access);
}
