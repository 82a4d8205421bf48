import { applyRows, isolateRows, stageTextRows } from '../applying/apply-rows.ts';
import type { IsolationTerms } from '../applying/isolation-block.ts';
import { keepBadRows } from '../applying/keep-bad-rows.ts';
import type { InsertPlan } from '../applying/plan.ts';
import {
  accountFor,
  type ConflictMode,
  countMismatch,
  type ImportCounts,
  type StatementCounts,
} from '../core/import-counts.ts';
import type { Transaction } from '../database/session.ts';
import type { Engine } from '../engines/engine.ts';
import { checkRowSum, recordsOf } from '../engines/staged-sum.ts';
import { RelytError } from '../errors.ts';
import type { HeldTables } from '../target/hold-table.ts';
import {
  BudgetSpentError,
  type ImportAttempt,
  type ImportResult,
  type ImportTarget,
} from './import-attempt.ts';
import type { ImportFile } from './import-file.ts';
import { reading, readingText } from './read-files.ts';
import { type RefusedRecord, withLines } from './refused-lines.ts';

interface OpenedFiles {
  /** Quoted name of the relation that holds the staged rows. */
  readonly source: string;
  readonly held: HeldTables;
}

/** Rows into the tables, and what became of each of them. */
export async function importRows(
  transaction: Transaction,
  engine: Engine,
  target: ImportTarget,
  attempt: ImportAttempt & OpenedFiles,
): Promise<ImportResult> {
  const { mode } = target;
  const { isolation, files } = attempt;
  const { guard } = engine;
  const plan = insertPlan(engine, target, attempt);
  if (plan.upsertBy === 'merge') attempt.tries('merge');
  const reported =
    isolation === undefined
      ? await reading(engine, () => applyRows(transaction, plan, guard))
      : await isolate(transaction, engine, { plan, files, terms: isolation });
  const counts = checkedCounts(mode, files, reported);
  if (counts.rejected > 0 && !attempt.takeRejects(counts.rejected)) throw new BudgetSpentError();
  await writeGeneration(transaction, attempt);
  if (counts.rejected === 0) return { counts, refused: [] };
  const { processId } = target.writer;
  const fileIds = files.map((file) => file.fileId);
  const refused = await transaction.query<RefusedRecord>(keepBadRows(plan, processId, fileIds));
  return { counts, refused: await withLines(transaction, { processId, fileIds }, refused) };
}

/**
 * Freezes what was not frozen before. As late as possible, because it holds the task's row, and before what refers to
 * the rows of files.
 */
export async function writeGeneration(
  transaction: Transaction,
  { generation, importId, number }: ImportAttempt,
): Promise<void> {
  await generation?.write(transaction, { importId, attempts: number });
}

function insertPlan(
  { profile }: Engine,
  { table, columns, mode, updateColumns }: ImportTarget,
  { reduceKeys, upsertBy, source, held }: ImportAttempt & OpenedFiles,
): InsertPlan {
  const mayMerge = mode === 'update' && !reduceKeys && held.mayMerge && held.beside === undefined;
  return {
    ...{ dialect: profile.dialect, table, columns, mode, updateColumns, reduceKeys, source },
    upsertBy: mayMerge ? upsertBy : 'on conflict',
    auxiliary: held.beside,
  };
}

/** What became of the records of the files. @throws RelytError COUNT_MISMATCH when it is not known of each (G2) */
export function checkedCounts(
  mode: ConflictMode,
  files: readonly ImportFile[],
  reported: StatementCounts,
): ImportCounts {
  const counts = accountFor(mode, recordsOf(files), reported);
  const mismatch = countMismatch(counts);
  if (mismatch !== undefined) throw new RelytError('COUNT_MISMATCH', mismatch);
  return counts;
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
  if (engine.profile.miscountIsFinal && came.records !== records) {
    const counted = `${records} records were staged, and ${came.records} were received.`;
    throw new RelytError('COUNT_MISMATCH', counted);
  }
  checkRowSum(files, came);
  return isolateRows(transaction, plan, terms);
}
