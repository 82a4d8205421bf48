import type { ResolvedConfig } from '../config.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import type { Database } from '../database/database.ts';
import { readBookkeeping } from '../database/statements/bookkeeping.ts';
import { engineOfTask } from '../database/statements/task.ts';
import type { EngineProfile } from '../engines/profiles.ts';
import { RelytError } from '../errors.ts';
import { namesS3, type S3Access } from './read-s3-settings.ts';

/** The way a load goes: by which engine, and over which bucket, if over any. */
export interface LoadWay {
  readonly profile: EngineProfile;
  readonly s3: S3Settings | undefined;
}

/** The engine that a task goes on with where the configuration leaves it open; undefined for a new task. */
export async function begunWith(
  database: Database,
  { engine }: ResolvedConfig,
  processId: string | undefined,
): Promise<string | undefined> {
  if (processId === undefined || engine !== 'auto') return undefined;
  const { tasks } = await readBookkeeping(database);
  if (!tasks) return undefined;
  const [task] = await database.query<{ engine: string }>(engineOfTask(processId));
  return task?.engine;
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
