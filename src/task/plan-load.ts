import { randomUUID } from 'node:crypto';
import {
  type BulkProcessorConfig,
  type ResolvedConfig,
  resolveColumns,
  resolveConfig,
} from '../config.ts';
import type { ImportLimits } from '../core/import-limits.ts';
import type { Repertoire } from '../core/repertoire.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import type { TargetTable } from '../core/target-table.ts';
import { asRelytError } from '../core/task-failure.ts';
import { readTargetTable } from '../database/catalogue.ts';
import { Database } from '../database/database.ts';
import { databaseError } from '../database/database-error.ts';
import { readRepertoire } from '../database/repertoire.ts';
import { mayNotInstall, missingMigrations } from '../database/schema/install.ts';
import type { Migration } from '../database/schema/migrations.ts';
import { mayCreateSchema } from '../database/statements/role.ts';
import type { CopyFacts } from '../database/statements/target.ts';
import { createEngine } from '../engines/create-engine.ts';
import {
  countSegments,
  type DatabaseTraits,
  databaseTraits,
  profileOf,
} from '../engines/detect.ts';
import type { Engine } from '../engines/engine.ts';
import { type EngineProfile, PROFILES } from '../engines/profiles.ts';
import { RelytError } from '../errors.ts';
import { HeldFiles } from '../staging/held-files.ts';
import { S3ObjectStore } from '../staging/s3-object-store.ts';
import type { StagingPlace } from '../staging/staging-place.ts';
import { RoutedTarget } from '../target/routed-target.ts';
import { readCopyFacts } from '../target/straight-copy.ts';
import { readTargetRights, type TargetRights } from '../target/target-rights.ts';
import { begunWith, goesWithoutS3, type LoadWay } from './load-way.ts';
import { readLimits, readS3Settings } from './read-s3-settings.ts';
import { applicationNameOf, newOwner } from './take-over.ts';

/** What a load has to know, and works with, before its first record: each thing read once, nothing changed. */
export interface LoadPlan {
  readonly processId: string;
  /** This process, and this use of the task by it. */
  readonly owner: string;
  readonly config: ResolvedConfig;
  readonly database: Database;
  /** Migrations of relyt_sys that have to be installed first. */
  readonly missing: readonly Migration[];
  readonly table: TargetTable;
  /** What the encoding of the database can store; undefined when that is everything. */
  readonly repertoire: Repertoire | undefined;
  /** What the role may do with it. */
  readonly rights: TargetRights;
  /** Whether COPY makes the rows there that INSERT would make; undefined where the engine copies nothing straight. */
  readonly copyFacts: CopyFacts | undefined;
  /** Where its groups live. */
  readonly routed: RoutedTarget;
  /** Where closed files wait for their import. */
  readonly staging: StagingPlace;
  readonly limits: ImportLimits;
  readonly engine: Engine;
  /** Segments that read staged files at a time; 1 where there are none. */
  readonly segments: number;
  /** May be called again. */
  close(): Promise<void>;
}

/**
 * Connects, and reads what begins, resumes or explains a load. Writes nothing. On failure nothing stays open; else
 * the plan is closed by the task that takes it, or by the caller.
 * @param resumed id of the task to resume; without it the plan is for a new one
 * @throws RelytError CONFIG_INVALID, ABORTED, DATABASE_…, ENGINE_UNSUPPORTED, TABLE_…, LOADER_CONFIG_…
 */
export async function planLoad(given: BulkProcessorConfig, resumed?: string): Promise<LoadPlan> {
  const processId = resumed ?? randomUUID();
  const config = resolveConfig(given);
  checkNotAborted(config);
  const owner = newOwner();
  const database = connect(config, applicationNameOf(processId, owner));
  let staging: StagingPlace | undefined;
  let closed: Promise<void> | undefined;
  const close = () => {
    if (staging?.kind === 's3') staging.store.close();
    closed ??= database.close();
    return closed;
  };
  try {
    const read = await readPlan(database, config, resumed);
    const { profile, s3, ...found } = read;
    staging = stagingPlace(s3);
    const engine = createEngine(profile, { objects: staging.store, s3, options: config });
    return { ...found, processId, owner, config, database, staging, engine, close };
  } catch (error) {
    await close();
    // Any of the reads may have lost the answer to its COMMIT.
    throw asRelytError(databaseError(error, 'read what the load needs'));
  }
}

/** The same plan for records of these columns, where only the target says how the records are laid out. */
export function withColumns(plan: LoadPlan, columns: BulkProcessorConfig['columns']): LoadPlan {
  return { ...plan, config: { ...plan.config, columns: resolveColumns(columns) } };
}

function checkNotAborted({ signal }: ResolvedConfig): void {
  if (!signal?.aborted) return;
  throw new RelytError('ABORTED', 'the signal had fired before the task began', {
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

async function readPlan(database: Database, config: ResolvedConfig, resumed: string | undefined) {
  const { postgresql, groupColumn } = config;
  const before = await begunWith(database, config, resumed);
  const isDirect = before === PROFILES.direct.engine;
  const traits = await databaseTraits(database);
  const detected = profileOf(traits, isDirect ? PROFILES.direct.engine : config.engine);
  const table = await readTargetTable(database, detected.dialect, postgresql);
  const repertoire = await database.transaction(readRepertoire);
  // A task that was begun over S3 has files there.
  const mayChoose = before === undefined;
  const { profile, s3 } = await readWay(database, { config, traits, detected, mayChoose });
  const { dialect } = profile;
  const missing = await missingMigrations(database, profile.engine);
  const rights = await readTargetRights(database, { table, dialect, groupColumn });
  const copyFacts = profile.copiesStraight ? await readCopyFacts(database, table) : undefined;
  const segments = await countSegments(database, profile);
  const routed = new RoutedTarget({ table, groupColumn, dialect });
  const limits = s3 ?? readLimits(config);
  return { profile, missing, table, repertoire, s3, limits, rights, copyFacts, segments, routed };
}

interface DetectedWay {
  readonly config: ResolvedConfig;
  readonly traits: DatabaseTraits;
  readonly detected: EngineProfile;
  readonly mayChoose: boolean;
}

async function readWay(
  database: Database,
  { config, traits, detected, mayChoose }: DetectedWay,
): Promise<LoadWay> {
  if (detected.inMemory) return { profile: detected, s3: undefined };
  try {
    return { profile: detected, s3: await readS3Settings(database, config) };
  } catch (error) {
    const goesWithout = mayChoose && goesWithoutS3(detected, config, error);
    if (!goesWithout) throw await firstThingMissing(database, detected, error);
    return { profile: profileOf(traits, PROFILES.direct.engine), s3: undefined };
  }
}

function stagingPlace(s3: S3Settings | undefined): StagingPlace {
  if (s3 === undefined) return { kind: 'memory', store: new HeldFiles() };
  return { kind: 's3', s3, store: new S3ObjectStore(s3) };
}

/** Where relyt_sys is missing, so are the settings in it: a role that may not install it is told of the schema. */
async function firstThingMissing(
  database: Database,
  { engine }: EngineProfile,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof RelytError) || error.code !== 'LOADER_CONFIG_MISSING') return error;
  const missing = await missingMigrations(database, engine);
  if (missing.length === 0) return error;
  const [role] = await database.query<{ allowed: boolean }>(mayCreateSchema());
  return role?.allowed ? error : mayNotInstall(missing, error);
}
