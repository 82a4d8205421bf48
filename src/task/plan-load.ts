import { randomUUID } from 'node:crypto';
import type { LoadConfig } from '../config/load-config.ts';
import { type ResolvedConfig, resolveColumns, resolveConfig } from '../config/load-schema.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import { asRelytError } from '../core/task-failure.ts';
import { Database } from '../database/database.ts';
import { databaseError } from '../database/database-error.ts';
import { createEngine } from '../engines/create-engine.ts';
import type { Engine } from '../engines/engine.ts';
import { RelytError } from '../errors.ts';
import { HeldFiles } from '../staging/held-files.ts';
import { S3ObjectStore } from '../staging/s3-object-store.ts';
import type { StagingPlace } from '../staging/staging-place.ts';
import { RoutedTarget } from '../target/routed-target.ts';
import { type ReadPlan, readPlan } from './read-plan.ts';
import { applicationNameOf, newOwner } from './take-over.ts';

/** What a load has to know, and works with, before its first record: each thing read once, nothing changed. */
export interface LoadPlan extends Omit<ReadPlan, 'profile' | 's3' | 'knownLocations'> {
  readonly processId: string;
  /** This process, and this use of the task by it. */
  readonly owner: string;
  readonly config: ResolvedConfig;
  readonly database: Database;
  /** Where the groups of the table live. */
  readonly routed: RoutedTarget;
  /** Where closed files wait for their import. */
  readonly staging: StagingPlace;
  readonly engine: Engine;
  /** May be called again. */
  close(): Promise<void>;
}

/**
 * Connects, and reads what begins, resumes or explains a load. Writes nothing. On failure nothing stays open; else
 * the plan is closed by the task that takes it, or by the caller.
 * @param resumed id of the task to resume; without it the plan is for a new one
 * @throws RelytError CONFIG_INVALID, ABORTED, DATABASE_…, ENGINE_UNSUPPORTED, TABLE_…, LOADER_CONFIG_…
 */
export async function planLoad(given: LoadConfig, resumed?: string): Promise<LoadPlan> {
  const processId = resumed ?? randomUUID();
  const config = resolveConfig(given);
  checkNotAborted(config);
  const owner = newOwner();
  const applicationName = applicationNameOf(processId, owner);
  const database = connect(config, applicationName);
  let staging: StagingPlace | undefined;
  let closed: Promise<void> | undefined;
  const close = () => {
    staging?.store.close();
    closed ??= database.close();
    return closed;
  };
  try {
    const read = await readPlan(database, { config, resumed, applicationName });
    const { profile, s3, knownLocations, ...found } = read;
    staging = stagingPlace(s3);
    const context = { objects: staging.store, s3, options: config, knownLocations };
    const engine = createEngine(profile, context);
    const { groupColumn, updateColumns } = config;
    const { table } = found;
    const { dialect } = profile;
    const routed = new RoutedTarget({ table, groupColumn, updateColumns, dialect });
    return { ...found, processId, owner, config, database, routed, staging, engine, close };
  } catch (error) {
    await close();
    // Any of the reads may have lost the answer to its COMMIT.
    throw asRelytError(databaseError(error, 'read what the load needs'));
  }
}

/** The target, as schema.table. */
export function targetName({ table }: Pick<LoadPlan, 'table'>): string {
  return `${table.schema}.${table.name}`;
}

/** The same plan for records of these columns, where only the target says how the records are laid out. */
export function withColumns(plan: LoadPlan, columns: LoadConfig['columns']): LoadPlan {
  return { ...plan, config: { ...plan.config, columns: resolveColumns(columns) } };
}

function checkNotAborted({ signal }: ResolvedConfig): void {
  if (!signal?.aborted) return;
  throw new RelytError('ABORTED', 'The signal was aborted before the task began.', {
    cause: signal.reason,
  });
}

function connect(config: ResolvedConfig, applicationName: string): Database {
  const { schema: _, table: __, ...connection } = config.postgresql;
  return new Database(connection, {
    // One for each import, and some for bookkeeping beside them.
    connections: config.concurrency + 3,
    applicationName,
    // A statement of two leases without an answer: by then another process may hold the task.
    answerSeconds: 2 * config.leaseSeconds,
  });
}

function stagingPlace(s3: S3Settings | undefined): StagingPlace {
  if (s3 === undefined) return { kind: 'memory', store: new HeldFiles() };
  return { kind: 's3', s3, store: new S3ObjectStore(s3) };
}
