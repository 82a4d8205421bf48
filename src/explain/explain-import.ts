import { type BulkProcessorConfig, type ResolvedConfig, resolveConfig } from '../config.ts';
import { conflictMode } from '../core/conflict-mode.ts';
import type { ConflictMode } from '../core/import-counts.ts';
import { secretMask, secretsOf } from '../core/secret-mask.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import { Database } from '../database/database.ts';
import { failureCode } from '../database/database-error.ts';
import { missingMigrations } from '../database/schema/install.ts';
import { detectEngine } from '../engines/detect.ts';
import type { EngineName } from '../engines/profiles.ts';
import type { ImportTarget } from '../importing/import-transaction.ts';
import { checkNames, filesPerImport } from '../task/begin-load.ts';
import { type LookedUp, lookUp } from '../task/look-up.ts';
import { type ExampleStaging, exampleFiles, keyPattern } from './example-files.ts';
import { type ImportScripts, importScripts } from './import-scripts.ts';
import { type SampledRecords, sampleRecords } from './sample-records.ts';
import type { RecordedStatement } from './statement-recorder.ts';

/** What a load would do, found out without doing it. Holds no secrets. */
export interface ImportExplanation {
  readonly engine: EngineName;
  /** Kinds of database the engine was chosen for. */
  readonly databases: string;
  /** `schema.table` of the target. */
  readonly table: string;
  /** Columns that get values, in the order of the staged fields. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly primaryKey: readonly string[];
  /** What becomes of a key that exists already; `insert`: keys are not looked at. */
  readonly conflictMode: ConflictMode;
  readonly staging: {
    /** `s3://bucket at https://…` */
    readonly location: string;
    /** Keys of staged files. */
    readonly keyPattern: string;
    readonly filesPerImport: number;
    /** Most records of a file. */
    readonly recordsPerFile: number;
    readonly compression: 'none' | 'gzip';
  };
  /** Segments that read files at a time; 1 where there are none. */
  readonly segments: number;
  /** Migrations of relyt_sys that a load would have to install first. */
  readonly missingMigrations: readonly string[];
  /** Statements before the first import, by which the database is let at the staged files. */
  readonly preparation: readonly RecordedStatement[];
  /** The records that were looked at. */
  readonly sample: Pick<SampledRecords, 'records' | 'refused' | 'firstRefusal'>;
  readonly scripts: ImportScripts;
}

/** Everything a load would look up, and connections to look it up with. */
interface ExplainedWorld extends LookedUp {
  readonly config: ResolvedConfig;
  readonly database: Database;
}

/**
 * Says what a load with this configuration would do: which engine, which columns, and every statement of an import.
 * Connects and reads the table and the S3 settings; writes nothing, uploads nothing and installs nothing.
 *
 * @param records The first records of the load, at least one: they decide the columns and are checked against them.
 * @throws RelytError what a load would fail with before its first import
 */
export async function explainImport(
  given: BulkProcessorConfig,
  records: readonly unknown[],
): Promise<ImportExplanation> {
  const config = resolveConfig(given);
  const { schema: _, table: __, ...connection } = config.postgresql;
  const database = new Database(connection, { connections: 1, applicationName: 'relyt' });
  let found: LookedUp | undefined;
  try {
    const profile = await detectEngine(database, config.engine);
    const missing = await missingMigrations(database, profile.engine);
    found = await lookUp(database, profile, config);
    const world = { ...found, config, database };
    // What an engine looks at to prepare itself is part of the schema.
    const preparation = missing.length > 0 ? [] : await preparationOf(world);
    const missingNames = missing.map(({ name }) => name);
    return { ...(await explained(world, records)), missingMigrations: missingNames, preparation };
  } finally {
    found?.store.close();
    await database.close();
  }
}

async function explained(
  world: ExplainedWorld,
  records: readonly unknown[],
): Promise<Omit<ImportExplanation, 'missingMigrations' | 'preparation'>> {
  const { config, engine, store, segments, table } = world;
  const { profile } = engine;
  const { columns, ...sample } = sampleRecords(records, { table, columns: config.columns });
  checkNames(table, columns);
  const mode = conflictMode(config.onConflict, table, columns);
  const changed = columns.filter(({ identity }) => identity !== 'always');
  world.rights.require({ mode, columns: changed.map(({ name }) => name) });
  const perImport = filesPerImport(world);
  const writer = { processId: 'PROCESS_ID', epoch: 1 };
  return {
    engine: profile.engine,
    databases: profile.databases,
    table: `${table.schema}.${table.name}`,
    columns: columns.map(({ name, sqlType }) => ({ name, type: sqlType })),
    primaryKey: table.primaryKey,
    conflictMode: mode,
    staging: {
      location: store.location,
      keyPattern: keyPattern(stagingOf(world)),
      filesPerImport: perImport,
      recordsPerFile: config.batchSize,
      compression: config.compression,
    },
    segments,
    sample,
    scripts: await scriptsOf(world, { writer, table, columns, mode }, Math.min(2, perImport)),
  };
}

function stagingOf({ config, s3, engine }: ExplainedWorld): ExampleStaging {
  const gzip = config.compression === 'gzip';
  return { s3, gzip, folders: engine.profile.folderPerImport };
}

function scriptsOf(
  world: ExplainedWorld,
  target: ImportTarget,
  fileCount: number,
): Promise<ImportScripts> {
  const { config, s3, engine, store, database, routed } = world;
  return importScripts({
    profile: engine.profile,
    s3,
    engineOptions: config,
    target: { ...target, routed },
    files: exampleFiles(stagingOf(world), { ...target.writer, count: fileCount }),
    maxBad: config.maxErrorRecords,
    presignGet: (key, seconds) => store.presignGet(key, seconds),
    lookUp: (statement) =>
      database.query(statement).catch((error: unknown) => {
        // A table of ours that is not installed yet has no rows.
        if (failureCode(error) === SQLSTATE.undefinedTable) return [];
        throw error;
      }),
  });
}

/** Lets the engine look, and writes down what it would change. */
async function preparationOf(world: ExplainedWorld): Promise<readonly RecordedStatement[]> {
  const { database, engine, s3 } = world;
  const mask = secretMask(secretsOf(s3));
  const statements: RecordedStatement[] = [];
  await engine.prepare({
    query: (statement) => database.query(statement),
    execute: async ({ text, values }) => {
      const shown = values?.map((value) => (typeof value === 'string' ? mask(value) : value));
      statements.push({ text: mask(text), ...(shown && { values: shown }) });
      return 0;
    },
  });
  return statements;
}
