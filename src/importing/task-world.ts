import { type BulkProcessorConfig, type ResolvedConfig, resolveConfig } from '../config.ts';
import { normalizeS3Settings, type S3Settings } from '../core/s3-settings.ts';
import type { TargetTable } from '../core/target-table.ts';
import { readTargetTable } from '../database/catalogue.ts';
import { Database } from '../database/database.ts';
import { readLoaderConfig } from '../database/loader-config.ts';
import { ensureSchema } from '../database/schema/install.ts';
import type { Engine } from '../engines/engine.ts';
import { postgresEngine } from '../engines/postgres.ts';
import { RelytError } from '../errors.ts';
import { locationUrl } from '../staging/location-url.ts';
import type { ObjectStore } from '../staging/object-store.ts';
import { S3ObjectStore } from '../staging/s3-object-store.ts';
import { applicationNameOf, newOwner } from './take-over.ts';

/** What a task works with: its configuration, checked, and open connections to the database and to S3. */
export interface TaskWorld {
  readonly config: ResolvedConfig;
  readonly database: Database;
  /** This process, and this use of the task by it. */
  readonly owner: string;
  readonly store: ObjectStore;
  readonly engine: Engine;
  readonly s3: S3Settings;
  readonly table: TargetTable;
  close(): Promise<void>;
}

/**
 * Connects, prepares the schema where the role may, reads the table and the S3 settings. On failure nothing
 * stays open.
 */
export async function openWorld(given: BulkProcessorConfig, processId: string): Promise<TaskWorld> {
  const config = resolveConfig(given);
  if (config.signal?.aborted) {
    const { reason } = config.signal;
    throw new RelytError('ABORTED', 'the signal had fired before the task began', {
      cause: reason,
    });
  }
  const { schema, table: tableName, ...connection } = config.postgresql;
  const owner = newOwner();
  const database = new Database(connection, {
    // One for each import, and some for bookkeeping beside them.
    connections: config.concurrency + 3,
    applicationName: applicationNameOf(processId, owner),
    // A statement of two leases without an answer: by then somebody else may hold the task.
    answerSeconds: 2 * config.leaseSeconds,
  });
  let store: ObjectStore | undefined;
  const close = async () => {
    store?.close();
    await database.close();
  };
  try {
    const engine = postgresEngine;
    await ensureSchema(database, engine.name);
    const table = await readTargetTable(database, schema, tableName);
    const s3 = await readS3Settings(database, config.s3);
    store = new S3ObjectStore(s3);
    await engine.prepare(database, await locationUrl(store, s3));
    return { config, database, owner, store, engine, s3, table, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The database's settings with the overrides of the configuration. */
export async function readS3Settings(
  database: Database,
  overrides: ResolvedConfig['s3'],
): Promise<S3Settings> {
  const given = Object.fromEntries(
    Object.entries({
      endpoint: overrides.endpoint,
      region: overrides.region,
      bucket_name: overrides.bucket,
      prefix: overrides.prefix,
      access_key: overrides.accessKey,
      secret_key: overrides.secretKey,
      session_token: overrides.sessionToken,
      concurrency: overrides.uploadConcurrency,
      part_size: overrides.partSizeBytes,
      import_timeout: overrides.importTimeoutSeconds,
      import_error_sleep_time: overrides.importErrorSleepSeconds,
    }).filter(([, value]) => value !== undefined),
  );
  const complete = ['endpoint', 'bucket_name', 'access_key', 'secret_key'].every(
    (name) => name in given,
  );
  const found = complete ? undefined : await readLoaderConfig(database);
  if (found === undefined && !complete) {
    throw new RelytError(
      'LOADER_CONFIG_MISSING',
      'the database has no S3 settings (relyt_sys.loader_config(), relyt_sys.sdk_loader_config or loader_config())',
    );
  }
  const sources = [found?.source, Object.keys(given).length > 0 ? 'the setting s3' : undefined];
  const source = sources.filter((name) => name !== undefined).join(' and ');
  return normalizeS3Settings({ ...found?.settings, ...given }, source);
}
