import type { StatementCounts } from '../core/import-counts.ts';
import type { Lines } from '../database/do-block.ts';
import type { Transaction } from '../database/session.ts';
import { RelytError } from '../errors.ts';
import { failpoint } from '../failpoints.ts';
import { applyBlock } from './apply-block.ts';
import { readCounts } from './counts.ts';
import { type IsolationTerms, isolationBlock } from './isolation-block.ts';
import type { InsertPlan } from './plan.ts';
import { stageText } from './text-rows.ts';

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

/**
 * The same but for the bad records, which stay in a temporary table for `keepBadRows`. The rows are staged by a
 * statement of their own, so that a test may interrupt an import between the two.
 * @throws an error of the SQLSTATE `tooManyBadRecords`: there are more than `maxBad`; of `noRecordPasses`: it is not
 *   clear that records are at fault
 */
export async function isolateRows(
  transaction: Transaction,
  plan: InsertPlan,
  { guard, ...terms }: IsolationTerms & { readonly guard: Lines },
): Promise<StatementCounts> {
  await transaction.execute(stageText(plan, guard));
  await failpoint('isolation-staged');
  await transaction.execute(isolationBlock(plan, terms));
  return countsOf(transaction);
}

async function countsOf(transaction: Transaction): Promise<StatementCounts> {
  const [row] = await transaction.query<{ counts: StatementCounts }>(readCounts());
  if (row === undefined) throw new RelytError('INTERNAL', 'the import returned no counts');
  return row.counts;
}
