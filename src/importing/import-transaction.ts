import { applyRows, isolateRows, stageTextRows } from '../applying/apply-rows.ts';
import type { IsolationTerms } from '../applying/isolation-block.ts';
import { keepBadRows } from '../applying/keep-bad-rows.ts';
import type { InsertPlan } from '../applying/plan.ts';
import type { AuxiliaryTarget } from '../core/auxiliary-target.ts';
import {
  accountFor,
  countMismatch,
  type ImportCounts,
  type StatementCounts,
} from '../core/import-counts.ts';
import { leaseLost } from '../core/task-failure.ts';
import type { Database } from '../database/database.ts';
import type { Transaction } from '../database/session.ts';
import type { Statement } from '../database/statement.ts';
import { commitFiles, type Writer } from '../database/statements/file.ts';
import { insertImport } from '../database/statements/import.ts';
import { holdEpoch } from '../database/statements/task.ts';
import type { Engine, ExternalFiles, StagedReader } from '../engines/engine.ts';
import { checkRowSum } from '../engines/staged-sum.ts';
import { RelytError } from '../errors.ts';
import { failpoint } from '../failpoints.ts';
import { type HeldTarget, holdTarget } from '../target/hold-target.ts';
import type { ImportFile } from './import-file.ts';
import { inspectObjects } from './object-inspection.ts';
import { reading, readingText } from './read-files.ts';
import { type RefusedRecord, withLines } from './refused-lines.ts';

/** What every import of a task has in common. */
export interface ImportTarget extends HeldTarget {
  readonly writer: Writer;
}

export interface ImportPorts {
  readonly database: Database;
  readonly engine: Engine;
  /** Where the files are staged. */
  readonly objects: StagedReader;
}

export interface ImportAttempt {
  readonly importId: number;
  readonly files: readonly ImportFile[];
  readonly reduceKeys: boolean;
  /** Leave bad records out, on these terms; undefined for the fast way, which fails at the first. */
  readonly isolation: IsolationTerms | undefined;
  /** Time this attempt may take; also the life of the presigned URLs, which nothing needs longer. */
  readonly timeLimitMs: number;
  /** Takes that many rejected records from the task's budget; false when it has not so many left. */
  readonly takeRejects: (count: number) => boolean;
  /** Ends the attempt: its statement is cancelled and the transaction rolled back. */
  readonly signal: AbortSignal;
}

export interface ImportResult {
  readonly counts: ImportCounts;
  readonly refused: readonly RefusedRecord[];
}

/** Other imports used up the budget of rejected records while this one isolated its own: try with what is left. */
export class BudgetSpentError extends Error {}

/** For the rest of the transaction. PostgreSQL 14 and later also notice a client that died. */
const limitTime = (milliseconds: number): Statement => ({
  name: 'limitTime',
  text: `select set_config('statement_timeout', $1, true),
       case when current_setting('server_version_num')::int >= 140000
            then set_config('client_connection_check_interval', '1s', true) end`,
  values: [String(Math.max(1, Math.ceil(milliseconds)))],
});

/**
 * One import, one transaction: external table, insert, count check, drop, flip of the file rows, commit.
 * Either all of it happened or none (G1), and it accounts for every record (G2).
 */
export async function importTransaction(
  ports: Omit<ImportPorts, 'database'> & { readonly database: Pick<Database, 'transaction'> },
  target: ImportTarget,
  attempt: ImportAttempt,
): Promise<ImportResult> {
  const result = await ports.database.transaction(async (transaction) => {
    await transaction.execute(limitTime(attempt.timeLimitMs));
    const { engine } = ports;
    const auxiliary = await holdTarget(transaction, target, engine.profile.dialect);
    await checkObjects(ports, attempt);
    const external = externalFiles(target, attempt);
    const open = () => engine.open(transaction, external);
    const source = external.asText
      ? await readingText(engine, attempt.files, open)
      : await reading(engine, open);
    await failpoint('external-created');
    const result = await apply(transaction, engine, target, { ...attempt, source, auxiliary });
    await failpoint('rows-inserted');
    await checkObjects(ports, attempt);
    await engine.close(transaction, source, external);
    await recordImport(transaction, target, attempt, result.counts);
    await failpoint('before-commit');
    return result;
  }, attempt.signal);
  await failpoint('committed');
  return result;
}

function externalFiles(target: ImportTarget, attempt: ImportAttempt): ExternalFiles {
  const { files, importId, timeLimitMs, isolation, signal } = attempt;
  return {
    name: `${target.writer.processId.replaceAll('-', '')}_${importId}`,
    table: target.table,
    columns: target.columns,
    files,
    gzip: files.some((file) => file.key.endsWith('.gz')),
    asText: isolation !== undefined,
    timeLimitSeconds: Math.max(60, Math.ceil(timeLimitMs / 1000)),
    signal,
  };
}

interface OpenedFiles {
  /** Quoted name of the relation that holds the staged rows. */
  readonly source: string;
  readonly auxiliary: AuxiliaryTarget | undefined;
}

/** Rows into the tables, and what became of each of them. */
async function apply(
  transaction: Transaction,
  engine: Engine,
  target: ImportTarget,
  attempt: ImportAttempt & OpenedFiles,
): Promise<ImportResult> {
  const { table, columns, mode } = target;
  const { reduceKeys, isolation, files, source, auxiliary } = attempt;
  const { guard, profile } = engine;
  const { dialect } = profile;
  const plan = { dialect, table, columns, mode, reduceKeys, source, auxiliary };
  const reported =
    isolation === undefined
      ? await reading(engine, () => applyRows(transaction, plan, guard))
      : await isolate(transaction, engine, { plan, files, terms: isolation });
  const records = recordsOf(files);
  const counts = accountFor(mode, records, reported);
  const mismatch = countMismatch(counts);
  if (mismatch !== undefined) throw new RelytError('COUNT_MISMATCH', mismatch);
  if (counts.rejected === 0) return { counts, refused: [] };
  if (!attempt.takeRejects(counts.rejected)) throw new BudgetSpentError();
  const { processId } = target.writer;
  const fileIds = files.map((file) => file.fileId);
  const refused = await transaction.query<RefusedRecord>(keepBadRows(plan, processId, fileIds));
  return { counts, refused: await withLines(transaction, { processId, fileIds }, refused) };
}

interface Isolation {
  readonly plan: InsertPlan;
  readonly files: readonly ImportFile[];
  readonly terms: IsolationTerms;
}

/** Only what is known to be all that was staged is searched for bad records. */
async function isolate(
  transaction: Transaction,
  engine: Engine,
  { plan, files, terms }: Isolation,
): Promise<StatementCounts> {
  const stage = () => stageTextRows(transaction, plan, engine.guard);
  const came = await readingText(engine, files, stage);
  const records = recordsOf(files);
  // Where transfers fail with an error, fewer rows come when the servers are set up to look elsewhere.
  if (engine.profile.folderPerImport && came.records !== records) {
    const counted = `${records} records were staged, and ${came.records} came`;
    throw new RelytError('COUNT_MISMATCH', counted);
  }
  checkRowSum(files, came);
  return isolateRows(transaction, plan, terms);
}

function recordsOf(files: readonly ImportFile[]): number {
  return files.reduce((sum, file) => sum + file.records, 0);
}

/**
 * Where nothing ties the database's own downloads to the objects that were staged, the loader looks at these before and
 * after. What is replaced and put back in between is not seen.
 */
async function checkObjects(
  { engine, objects }: Pick<ImportPorts, 'engine' | 'objects'>,
  { files, signal }: ImportAttempt,
): Promise<void> {
  if (!engine.profile.readsUnseen) return;
  const wrong = await inspectObjects(objects, files, { signal });
  if (wrong !== undefined) throw wrong;
}

/** Epoch and flip come last, so that what they lock is locked shortly. */
async function recordImport(
  transaction: Transaction,
  target: ImportTarget,
  attempt: ImportAttempt,
  counts: ImportCounts,
): Promise<void> {
  const { processId } = target.writer;
  const { importId, files } = attempt;
  await transaction.execute(insertImport({ processId, importId, files: files.length, counts }));
  if ((await transaction.execute(holdEpoch(target.writer))) !== 1) throw leaseLost(processId);
  const fileIds = files.map((file) => file.fileId);
  const flipped = await transaction.execute(commitFiles(processId, fileIds, importId));
  if (flipped !== files.length) throw leaseLost(processId);
}
