import type { StatementCounts } from '../core/import-counts.ts';
import type { Lines } from '../database/do-block.ts';
import type { Transaction } from '../database/session.ts';
import { type RowSum, readRowSum } from '../database/statements/row-sum.ts';
import { RelytError } from '../errors.ts';
import { failpoint } from '../failpoints.ts';
import { applyBlock } from './apply-block.ts';
import { readCounts } from './counts.ts';
import { type IsolationTerms, isolationBlock } from './isolation-block.ts';
import type { InsertPlan } from './plan.ts';
import { stageText, TEXT_ROWS } from './text-rows.ts';

/**
 * Brings the staged rows into their tables. `guard` are the exception clauses around what reads the staged files; none
 * where its errors can tell no secret.
 */
export async function applyRows(
  transaction: Transaction,
  plan: InsertPlan,
  guard: Lines,
): Promise<StatementCounts> {
  await transaction.execute(applyBlock(plan, guard));
  return countsOf(transaction);
}

/** The first half of an isolation: brings the rows of the files, as text, into a temporary table. */
export async function stageTextRows(
  transaction: Transaction,
  plan: InsertPlan,
  guard: Lines,
): Promise<RowSum> {
  await transaction.execute(stageText(plan, guard));
  await failpoint('isolation-staged');
  return readRowSum(transaction, TEXT_ROWS);
}

/**
 * The second half: applies those rows except the bad ones, which stay in a temporary table for `keepBadRows`.
 * @throws an error of the SQLSTATE `tooManyBadRecords`: there are more than `maxBad`; of `noRecordPasses`: it is not
 *   clear that records are at fault
 */
export async function isolateRows(
  transaction: Transaction,
  plan: InsertPlan,
  terms: IsolationTerms,
): Promise<StatementCounts> {
  await transaction.execute(isolationBlock(plan, terms));
  return countsOf(transaction);
}

async function countsOf(transaction: Transaction): Promise<StatementCounts> {
  const [row] = await transaction.query<{ counts: StatementCounts }>(readCounts());
  if (row === undefined) throw new RelytError('INTERNAL', 'The import returned no counts.');
  return row.counts;
}
