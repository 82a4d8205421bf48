import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type BulkProcessorConfig, type ResolvedConfig, resolveConfig } from '../config.ts';
import { conflictMode } from '../core/conflict-mode.ts';
import { normalizeS3Settings, type S3Settings } from '../core/s3-settings.ts';
import type { TargetTable } from '../core/target-table.ts';
import { readTargetTable } from '../database/catalogue.ts';
import { Database } from '../database/database.ts';
import { readLoaderConfig } from '../database/loader-config.ts';
import { ensureSchema } from '../database/schema/install.ts';
import type { Engine } from '../engines/engine.ts';
import { postgresEngine } from '../engines/postgres.ts';
import { RelytError } from '../errors.ts';
import type { SafeEmitter } from '../events.ts';
import { createRecordEncoder } from '../records/encoder.ts';
import { keyLanes } from '../records/lanes.ts';
import { resolveMapping } from '../records/mapping.ts';
import { locationUrl } from '../staging/location-url.ts';
import type { ObjectStore } from '../staging/object-store.ts';
import { PartPool } from '../staging/part-pool.ts';
import { S3ObjectStore } from '../staging/s3-object-store.ts';
import { VERSION } from '../version.ts';
import { LoadTask } from './load-task.ts';
import { TaskLedger } from './task-ledger.ts';
import type { TaskTally } from './task-tally.ts';

/** A task that is recorded and has not seen a record yet. */
export interface Opening {
  readonly processId: string;
  readonly config: ResolvedConfig;
  readonly ledger: TaskLedger;
  /** The first record decides the staged columns, and with them everything else. */
  begin(first: unknown): LoadTask;
  close(): Promise<void>;
}

/** Everything create() does before it resolves; on failure nothing stays open. */
export async function openTask(
  given: BulkProcessorConfig,
  emitter: SafeEmitter,
  tally: TaskTally,
): Promise<Opening> {
  const config = resolveConfig(given);
  const { schema, table: tableName, ...connection } = config.postgresql;
  const database = new Database(connection, {
    // One for each import, and some for bookkeeping beside them.
    connections: config.concurrency + 3,
    applicationName: 'relyt-sdk',
  });
  let store: ObjectStore | undefined;
  try {
    const engine = postgresEngine;
    await ensureSchema(database, engine.name);
    const table = await readTargetTable(database, schema, tableName);
    const s3 = await s3Settings(database, config);
    store = new S3ObjectStore(s3);
    await engine.prepare(database, await locationUrl(store, s3));
    const processId = randomUUID();
    const ledger = new TaskLedger(database, { processId, epoch: 1 });
    await ledger.start({
      processId,
      pgTable: `${schema}.${tableName}`,
      engine: engine.name,
      owner: `${hostname()}:${process.pid}`,
      settings: recordedSettings(config),
      sdkVersion: VERSION,
    });
    const world = { database, store, engine, s3, table, config, ledger, processId, emitter, tally };
    return {
      processId,
      config,
      ledger,
      begin: (first) => beginTask(world, first),
      close: () => close(world),
    };
  } catch (error) {
    store?.close();
    await database.close();
    throw error;
  }
}

interface World {
  readonly database: Database;
  readonly store: ObjectStore;
  readonly engine: Engine;
  readonly s3: S3Settings;
  readonly table: TargetTable;
  readonly config: ResolvedConfig;
  readonly ledger: TaskLedger;
  readonly processId: string;
  readonly emitter: SafeEmitter;
  readonly tally: TaskTally;
}

/**
 * G3: where order matters, files of a lane are imported one after the other, and records of equal keys share
 * a lane. Keys whose equality text cannot show get one lane, that is one import at a time.
 */
function beginTask(world: World, first: unknown): LoadTask {
  const { config, table, s3 } = world;
  const mapping = resolveMapping({ table, columns: config.columns, first });
  const columns = mapping.columns.map(({ column }) => column);
  const mode = conflictMode(config.onConflict, table, columns);
  const ordered = mode !== 'insert';
  const lanes = ordered && keyLanes(table, columns).supported ? config.concurrency : 1;
  const gzip = config.compression === 'gzip';
  const buffers = Math.max(Math.floor(config.bufferBytes / s3.partSizeBytes), 2 * lanes + 2);
  return new LoadTask({
    ports: { database: world.database, engine: world.engine, store: world.store },
    target: { processId: world.processId, epoch: 1, table, columns, mode, gzip },
    ledger: world.ledger,
    s3,
    encoder: createRecordEncoder({ table, mapping, lanes }),
    lanes,
    pool: new PartPool({ bufferBytes: s3.partSizeBytes, capacity: buffers }),
    generationLimits: { maxRecords: config.batchSize, maxBytes: config.maxFileBytes },
    maxAgeMs: config.fileWriteTimeoutSeconds * 1000,
    importer: {
      concurrency: config.concurrency,
      filesPerImport: Math.min(config.batchImportSize, world.engine.maxFilesPerImport),
      ordered,
    },
    deleteImported: config.cleanup === 'on-success',
    emitter: world.emitter,
    tally: world.tally,
  });
}

async function s3Settings(database: Database, config: ResolvedConfig): Promise<S3Settings> {
  const { s3 } = config;
  const overrides = {
    endpoint: s3.endpoint,
    region: s3.region,
    bucket_name: s3.bucket,
    prefix: s3.prefix,
    access_key: s3.accessKey,
    secret_key: s3.secretKey,
    session_token: s3.sessionToken,
    concurrency: s3.uploadConcurrency,
    part_size: s3.partSizeBytes,
    import_timeout: s3.importTimeoutSeconds,
    import_error_sleep_time: s3.importErrorSleepSeconds,
  };
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
  const complete = [s3.endpoint, s3.bucket, s3.accessKey, s3.secretKey].every(
    (value) => value !== undefined,
  );
  const found = complete ? undefined : await readLoaderConfig(database);
  if (found === undefined && !complete) {
    throw new RelytError(
      'LOADER_CONFIG_MISSING',
      'the database has no S3 settings (relyt_sys.loader_config(), relyt_sys.sdk_loader_config or loader_config())',
    );
  }
  const source =
    given.length > 0
      ? [found?.source, 'the setting s3'].filter(Boolean).join(' and ')
      : found?.source;
  return normalizeS3Settings(
    { ...found?.settings, ...Object.fromEntries(given) },
    source ?? 'the setting s3',
  );
}

/** For resume and for people; no secrets. */
function recordedSettings(config: ResolvedConfig): object {
  const {
    batchSize,
    batchImportSize,
    concurrency,
    maxErrorRecords,
    onConflict,
    compression,
    columns,
  } = config;
  return {
    batchSize,
    batchImportSize,
    concurrency,
    maxErrorRecords,
    onConflict,
    compression,
    columns,
  };
}

async function close(world: World): Promise<void> {
  world.store.close();
  await world.database.close();
}
