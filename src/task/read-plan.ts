import type { ResolvedConfig } from '../config/load-schema.ts';
import { withChosenKey } from '../core/chosen-key.ts';
import type { ImportLimits } from '../core/import-limits.ts';
import { inOrder } from '../core/in-order.ts';
import type { Repertoire } from '../core/repertoire.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import type { TargetTable } from '../core/target-table.ts';
import { readTargetTable, readUniqueKeys } from '../database/catalogue.ts';
import type { Database } from '../database/database.ts';
import { failureCode } from '../database/database-error.ts';
import { readReading } from '../database/reading.ts';
import { readRepertoire } from '../database/repertoire.ts';
import { missingAfter, readApplied } from '../database/schema/install.ts';
import type { Migration } from '../database/schema/migrations.ts';
import type { Reader } from '../database/session.ts';
import { allowedLocations } from '../database/statements/location.ts';
import type { Presence } from '../database/statements/presence.ts';
import type { ReadingSettings } from '../database/statements/reading.ts';
import type { CopyFacts } from '../database/statements/target.ts';
import { countSegments, type DetectedDatabase, detect } from '../engines/detect.ts';
import { type EngineProfile, PROFILES } from '../engines/profiles.ts';
import { checkRoutedKeys } from '../target/routed-keys.ts';
import { readCopyFacts } from '../target/straight-copy.ts';
import { readTargetRights, type TargetRights } from '../target/target-rights.ts';
import { begunWith, findWay, type LoadWay } from './load-way.ts';
import { ownPresence } from './presence.ts';
import { readLimits, readS3Settings } from './read-s3-settings.ts';

export interface PlanWanted {
  readonly config: ResolvedConfig;
  /** Id of the task that is resumed; undefined for a new one. */
  readonly resumed: string | undefined;
  /** Of the connections of this process. */
  readonly applicationName: string;
}

/** What the database says before a load. */
export interface ReadPlan {
  readonly profile: EngineProfile;
  readonly s3: S3Settings | undefined;
  /** Prefixes of URLs that the database may read from; empty where it was not asked. */
  readonly knownLocations: readonly string[];
  /** Migrations of relyt_sys that must be installed first. */
  readonly missing: readonly Migration[];
  readonly table: TargetTable;
  /** What the encoding of the database can store; undefined when that is everything. */
  readonly repertoire: Repertoire | undefined;
  /** What the role may do with the target. */
  readonly rights: TargetRights;
  /** Whether COPY makes the rows there that INSERT would make; undefined where the engine copies nothing straight. */
  readonly copyFacts: CopyFacts | undefined;
  readonly limits: ImportLimits;
  /** Segments that read staged files at a time; 1 where there are none. */
  readonly segments: number;
  /** How the database reads text for this role. */
  readonly reading: ReadingSettings;
  /** How others see that this process lives; undefined where they cannot. */
  readonly presence: Presence | undefined;
}

/**
 * Asks for all that can be asked for at once: where the database is prepared, and the table not routed, that takes two
 * round trips. What is wrong is told in the order of the list.
 */
export async function readPlan(database: Database, wanted: PlanWanted): Promise<ReadPlan> {
  const reads = database.sharedReads();
  const { config, applicationName } = wanted;
  const { groupColumn } = config;
  const { detected, applied, way } = await askForWay(reads, wanted);
  const target = readTarget(reads, config);
  const both = Promise.all([detected, target]);
  const [, table, repertoire, { profile, ...over }, known, ...rest] = await inOrder([
    detected,
    target,
    readRepertoire(reads, database),
    way,
    applied,
    both.then(([{ profile }, table]) => {
      const { dialect } = profile;
      return readTargetRights(reads, { table, dialect, groupColumn });
    }),
    both.then((known) => factsOfCopy(reads, ...known)),
    detected.then((known) => countSegments(reads, known.profile)),
    ownPresence(database, reads, applicationName),
    detected.then((known) => readLocations(reads, known)),
    readReading(reads),
  ]);
  const [rights, facts, segments, presence, knownLocations, reading] = rest;
  const copyFacts = profile.copiesStraight ? facts : undefined;
  if (rights.routed !== undefined)
    checkRoutedKeys(rights.routed, { table, updateColumns: config.updateColumns });
  const limits = over.s3 ?? readLimits(config);
  const missing = missingAfter(known, profile.engine);
  const ofTarget = { table, repertoire, rights, copyFacts, segments, reading };
  return { profile, ...over, ...ofTarget, knownLocations, missing, limits, presence };
}

/** The target, with the key by which its conflicts are decided. */
async function readTarget(
  reads: Reader,
  { postgresql, conflictColumns }: ResolvedConfig,
): Promise<TargetTable> {
  if (conflictColumns === undefined) return readTargetTable(reads, postgresql);
  const [table, keys] = await inOrder([
    readTargetTable(reads, postgresql),
    readUniqueKeys(reads, postgresql),
  ]);
  return withChosenKey(table, conflictColumns, keys);
}

/** What is asked on the way to the engine and the settings of S3, before any of it is known. */
interface AskedWay {
  readonly detected: Promise<DetectedDatabase>;
  readonly applied: Promise<ReadonlySet<number>>;
  readonly way: Promise<LoadWay>;
}

async function askForWay(reads: Reader, { config, resumed }: PlanWanted): Promise<AskedWay> {
  const before = await begunWith(reads, config, resumed);
  const engine = before === PROFILES.direct.engine ? before : config.engine;
  const detected = detect(reads, engine);
  const applied = readApplied(reads);
  const s3 = engine === PROFILES.direct.engine ? undefined : readS3Settings(reads, config);
  // Told by the way, unless it goes without.
  s3?.catch(() => undefined);
  const mayGoWithoutS3 = before === undefined;
  const way = findWay(reads, { access: config, detected, s3, applied, mayGoWithoutS3 });
  return { detected, applied, way };
}

/** An engine that copies straight may still be chosen, but not where rows live on segments. */
async function factsOfCopy(
  reads: Reader,
  { profile }: DetectedDatabase,
  table: TargetTable,
): Promise<CopyFacts | undefined> {
  return profile.dialect.distributed ? undefined : readCopyFacts(reads, table);
}

/** What a role cannot see is asked for again by the engine, which says so. */
async function readLocations(
  reads: Reader,
  { traits, profile }: DetectedDatabase,
): Promise<readonly string[]> {
  if (profile.engine !== PROFILES.postgres.engine || !traits.isPrepared) return [];
  try {
    const rows = await reads.query<{ url_prefix: string }>(allowedLocations());
    return rows.map((row) => row.url_prefix);
  } catch (error) {
    if (failureCode(error) === SQLSTATE.insufficientPrivilege) return [];
    throw error;
  }
}
