import type { StatementCounts } from '../core/import-counts.ts';
import type { Transaction } from '../database/session.ts';
import { failpoint } from '../failpoints.ts';
import { guardedStatement, insertBlock, readCounts } from './insert-block.ts';
import type { InsertPlan } from './insert-statement.ts';
import { afterIsolation, beforeIsolation, isolationBlock, stageRows } from './isolation-block.ts';
import { lockTargets } from './keyed-statements.ts';
import { loadStaged } from './staged-load.ts';

/**
 * Brings the staged rows into the target, in one statement where the database can count what it did.
 * `handler` is what catches the errors of reading the source (exception clauses); '' where none can tell a secret.
 */
export async function loadRows(
  transaction: Transaction,
  plan: InsertPlan,
  handler: string,
): Promise<StatementCounts> {
  const inSteps =
    plan.routing !== undefined || (plan.dialect.distributed && plan.mode !== 'insert');
  if (inSteps) return loadStaged(transaction, plan, handler);
  await transaction.execute({ text: insertBlock(plan, handler) });
  return readCounts(transaction);
}

/** The same without the bad records, see `Engine.isolate`. */
export async function isolateRows(
  transaction: Transaction,
  plan: InsertPlan,
  { maxBad, handler }: { readonly maxBad: number; readonly handler: string },
): Promise<StatementCounts> {
  const [stage, ...prepare] = stageRows(plan);
  await transaction.execute({ text: guardedStatement(stage, handler) });
  for (const text of prepare) await transaction.execute({ text });
  await failpoint('isolation-staged');
  const lock = lockTargets(plan);
  if (lock !== undefined) await transaction.execute({ text: lock });
  await beforeIsolation(transaction, plan);
  await transaction.execute({ text: isolationBlock(plan, maxBad) });
  await afterIsolation(transaction, plan);
  return readCounts(transaction);
}
