import type { S3Settings } from '../core/s3-settings.ts';
import { secretMask, secretsOf } from '../core/secret-mask.ts';
import type { UpsertWay } from '../core/upsert-way.ts';
import type { Statement } from '../database/statement.ts';
import { createEngine } from '../engines/create-engine.ts';
import type { EngineOptions, StagedReader } from '../engines/engine.ts';
import type { EngineProfile } from '../engines/profiles.ts';
import type { ImportTarget } from '../importing/import-attempt.ts';
import type { ImportFile } from '../importing/import-file.ts';
import { importTransaction } from '../importing/import-transaction.ts';
import { exampleGeneration } from './example-files.ts';
import { type RecordedStatement, StatementRecorder } from './statement-recorder.ts';

/** The statements of one import, as often as there are ways it can go. */
export interface ImportScripts {
  /** All goes well. */
  readonly fast: readonly RecordedStatement[];
  /** COPY into the table was refused, or triggers swallow rows. Undefined where `fast` is none. */
  readonly notStraight: readonly RecordedStatement[] | undefined;
  /** Few rows are new, or MERGE met a key that it had not seen. Undefined where `fast` is not a MERGE. */
  readonly notMerged: readonly RecordedStatement[] | undefined;
  /** A key appears twice among the records: tried after `fast` was refused. Undefined where `fast` does it already. */
  readonly keysTwice: readonly RecordedStatement[] | undefined;
  /** The database refused a record, and the bad ones are found and left out. */
  readonly isolation: readonly RecordedStatement[];
}

export interface ImportScriptOptions {
  readonly profile: EngineProfile;
  /** Undefined where no S3 is used. */
  readonly s3: S3Settings | undefined;
  /** Seconds an import may take. */
  readonly timeLimitSeconds: number;
  readonly engineOptions: EngineOptions;
  /** What every transaction begins with on this server. */
  readonly begin: readonly Statement[];
  readonly target: ImportTarget;
  readonly files: readonly ImportFile[];
  /** Most bad records that an isolation leaves out. */
  readonly maxBad: number;
  readonly presignGet: StagedReader['presignGet'];
  /** Answers what the import asks of tables that are there already. */
  readonly lookUp: (statement: Statement) => Promise<object[]>;
}

/** One way an import can go. */
interface Way {
  readonly straight: boolean;
  readonly upsertBy: UpsertWay;
  readonly reduceKeys: boolean;
  readonly isolate: boolean;
}

/** Writes down what imports of these files would run. Neither database nor S3 are written to. */
export async function importScripts(options: ImportScriptOptions): Promise<ImportScripts> {
  const way: Way = { straight: true, upsertBy: 'merge', reduceKeys: false, isolate: false };
  const fast = await recorded(options, way);
  const other = async (than: Partial<Way>) => {
    const statements = await recorded(options, { ...way, ...than });
    return JSON.stringify(statements) === JSON.stringify(fast) ? undefined : statements;
  };
  return {
    fast,
    notStraight: await other({ straight: false }),
    notMerged: await other({ upsertBy: 'on conflict' }),
    keysTwice: await other({ reduceKeys: true }),
    isolation: await recorded(options, {
      straight: false,
      upsertBy: 'on conflict',
      reduceKeys: true,
      isolate: true,
    }),
  };
}

/** Runs the import itself, against a recorder. */
async function recorded(
  options: ImportScriptOptions,
  { straight, upsertBy, reduceKeys, isolate }: Way,
): Promise<readonly RecordedStatement[]> {
  const { profile, s3, engineOptions, target, files, maxBad, begin, lookUp } = options;
  const mask = secretMask(s3 === undefined ? [] : secretsOf(s3));
  const refused = isolate ? 1 : 0;
  const recorder = new StatementRecorder({ profile, files, refused, mask, begin, lookUp });
  const objects = recorder.objects(options.presignGet);
  const engine = createEngine(profile, { objects, s3, options: engineOptions });
  await importTransaction({ database: recorder, engine, objects }, target, {
    importId: 1,
    files,
    generation: profile.inMemory ? exampleGeneration(target.writer, target, files) : undefined,
    number: 1,
    reduceKeys,
    upsertBy,
    tries: () => undefined,
    straight,
    isolation: isolate ? { maxBad, anyPassed: false, raisedAreOfRecords: false } : undefined,
    timeLimitMs: options.timeLimitSeconds * 1000,
    takeRejects: () => true,
    signal: new AbortController().signal,
  });
  return recorder.statements;
}
