import { type BulkProcessorConfig, type ResolvedConfig, resolveConfig } from '../config.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import type { TargetTable } from '../core/target-table.ts';
import { readTargetTable } from '../database/catalogue.ts';
import { Database } from '../database/database.ts';
import { ensureSchema } from '../database/schema/install.ts';
import { createEngine } from '../engines/create-engine.ts';
import { countSegments, detectEngine } from '../engines/detect.ts';
import type { Engine } from '../engines/engine.ts';
import { RelytError } from '../errors.ts';
import type { ObjectStore } from '../staging/object-store.ts';
import { S3ObjectStore } from '../staging/s3-object-store.ts';
import { RoutedTarget } from './hold-routing.ts';
import { readS3Settings } from './read-s3-settings.ts';
import { applicationNameOf, newOwner } from './take-over.ts';
import { readTargetRights, type TargetRights } from './target-rights.ts';
import { asRelytError } from './task-failure.ts';

/** What a task works with: its configuration, checked, and open connections to the database and to S3. */
export interface TaskWorld {
  readonly config: ResolvedConfig;
  readonly database: Database;
  /** This process, and this use of the task by it. */
  readonly owner: string;
  readonly store: ObjectStore;
  readonly engine: Engine;
  /** Segments that read staged files at a time; 1 where there are none. */
  readonly segments: number;
  readonly s3: S3Settings;
  readonly table: TargetTable;
  /** What the role may do with it. */
  readonly rights: TargetRights;
  /** Where its groups live. */
  readonly routed: RoutedTarget;
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
    const profile = await detectEngine(database, config.engine);
    const { dialect } = profile;
    await ensureSchema(database, { engine: profile.engine, dialect });
    const table = await readTargetTable(database, dialect, { schema, table: tableName });
    const s3 = await readS3Settings(database, config.s3);
    store = new S3ObjectStore(s3);
    const { greenplum, awsS3 } = config;
    const engine = createEngine(profile, { objects: store, s3, options: { greenplum, awsS3 } });
    await engine.prepare(database);
    const rights = await readTargetRights(database, table, dialect);
    rights.requireFor(config.onConflict);
    const segments = await countSegments(database, profile);
    const { groupColumn } = config;
    const routed = new RoutedTarget({ table, groupColumn, dialect });
    return { config, database, owner, store, engine, segments, s3, table, rights, routed, close };
  } catch (error) {
    await close();
    throw asRelytError(error);
  }
}
