import type { ConflictMode } from '../core/import-counts.ts';
import { type Layout, textColumnsOf } from '../core/layout.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import { secretMask, secretsOf } from '../core/secret-mask.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import type { TargetColumn } from '../core/target-table.ts';
import { failureCode } from '../database/database-error.ts';
import type { EngineName } from '../engines/profiles.ts';
import type { ImportTarget } from '../importing/import-attempt.ts';
import { filesPerImport, importTarget, layoutRules } from '../task/import-target.ts';
import type { LoadPlan } from '../task/plan-load.ts';
import { EXAMPLE_WRITER, type ExampleStaging, exampleFiles, keyPattern } from './example-files.ts';
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
  /** Columns by which conflicts are decided; empty where there is no key. */
  readonly key: readonly string[];
  /** What becomes of a key that exists already; `insert`: keys are not looked at. */
  readonly conflictMode: ConflictMode;
  readonly staging: {
    /** `s3://bucket at https://…`, or that no S3 is used. */
    readonly location: string;
    /** Keys of staged files. */
    readonly keyPattern: string;
    readonly filesPerImport: number;
    /** Maximum number of records in a file. */
    readonly recordsPerFile: number;
    readonly compression: 'none' | 'gzip';
    /** How rows are written. */
    readonly layout: Layout['format'];
    /** Columns of a binary layout that are staged as text, because only the database can read their values. */
    readonly textColumns: readonly string[];
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

/**
 * Says what a load as planned would do: which engine, which columns, and every statement of an import. Writes nothing,
 * uploads nothing and installs nothing. The plan stays open.
 *
 * @param records The first records of the load, at least one: they decide the columns and are checked against them.
 * @throws RelytError what a load would fail with before its first import
 */
export async function explainImport(
  plan: LoadPlan,
  records: readonly unknown[],
): Promise<ImportExplanation> {
  const { config, engine, segments, table, rights, missing } = plan;
  const { profile } = engine;
  rights.requireFor(config.onConflict);
  // What an engine looks at to prepare itself is part of the schema.
  const preparation = missing.length > 0 ? [] : await preparationOf(plan);
  const { columns, layout, ...sample } = sampleRecords(records, {
    table,
    columns: config.columns,
    repertoire: plan.repertoire,
    rules: layoutRules(plan),
  });
  const target = importTarget(plan, EXAMPLE_WRITER, columns);
  return {
    engine: profile.engine,
    databases: profile.databases,
    table: `${table.schema}.${table.name}`,
    columns: columns.map(({ name, sqlType }) => ({ name, type: sqlType })),
    key: table.key,
    conflictMode: target.mode,
    staging: explainedStaging(plan, layout, columns),
    segments,
    missingMigrations: missing.map(({ name }) => name),
    preparation,
    sample,
    scripts: await scriptsOf(plan, target, layout),
  };
}

/** Where files are that are in no bucket. */
const IN_MEMORY = 'the memory of the loader, until their import has committed';

function s3Of({ staging }: Pick<LoadPlan, 'staging'>): S3Settings | undefined {
  return staging.kind === 's3' ? staging.s3 : undefined;
}

function explainedStaging(
  plan: LoadPlan,
  layout: Layout,
  columns: readonly TargetColumn[],
): ImportExplanation['staging'] {
  const { config, staging } = plan;
  const names = columns.map(({ name }) => name);
  return {
    location: staging.kind === 's3' ? staging.store.location : IN_MEMORY,
    keyPattern: keyPattern(stagingOf(plan, layout)),
    filesPerImport: filesPerImport(plan),
    recordsPerFile: config.batchSize,
    compression: config.compression,
    layout: layout.format,
    textColumns: textColumnsOf(layout, names),
  };
}

function stagingOf(plan: LoadPlan, layout: Layout): ExampleStaging {
  const { config, engine } = plan;
  const s3 = s3Of(plan);
  const gzip = config.compression === 'gzip';
  return { s3, gzip, layout, folders: engine.profile.folderPerImport };
}

async function scriptsOf(
  plan: LoadPlan,
  target: ImportTarget,
  layout: Layout,
): Promise<ImportScripts> {
  const { config, engine, staging, limits, database } = plan;
  const count = Math.min(2, filesPerImport(plan));
  return importScripts({
    profile: engine.profile,
    s3: s3Of(plan),
    timeLimitSeconds: limits.importTimeoutSeconds,
    engineOptions: config,
    begin: await database.begin(),
    target,
    files: exampleFiles(stagingOf(plan, layout), { ...target.writer, count }),
    maxBad: config.maxErrorRecords,
    presignGet: (key, seconds) => staging.store.presignGet(key, seconds),
    lookUp: (statement) =>
      database.query(statement).catch((error: unknown) => {
        // A table of ours that is not installed yet has no rows.
        if (failureCode(error) === SQLSTATE.undefinedTable) return [];
        throw error;
      }),
  });
}

/** Lets the engine look, and keeps what it would change. */
async function preparationOf(plan: LoadPlan): Promise<readonly RecordedStatement[]> {
  const { database, engine } = plan;
  const s3 = s3Of(plan);
  const mask = secretMask(s3 === undefined ? [] : secretsOf(s3));
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
