import type { StatementCounts } from '../core/import-counts.ts';
import type { Transaction } from '../database/session.ts';
import { literal } from '../database/statement.ts';
import { RelytError } from '../errors.ts';
import { type InsertPlan, insertStatement } from './insert-statement.ts';
import { updatedRows } from './updated-rows.ts';

/** Name of the setting by which a DO block hands its counts back; local to the transaction. */
export const COUNTS_SETTING = 'relyt_loader.counts';

/**
 * The insert in a DO block, which catches what `handler` (the exception clauses of the block, if any) names before
 * client or server log see it, and counts what the statement did.
 */
export function insertBlock(plan: InsertPlan, handler: string): string {
  const statement = insertStatement(plan);
  const updated = updatedRows(plan);
  const run = statement.returnsCounts
    ? `execute ${literal(statement.text)} into n_read, n_winners, n_written;`
    : `execute ${literal(statement.text)};
  get diagnostics n_written = row_count;
  n_read := n_written;
  n_winners := n_written;`;
  return guardedBlock(
    `n_read bigint; n_winners bigint; n_written bigint; n_updated bigint := ${updated};`,
    `${run}
  n_updated := ${updated} - n_updated;
  perform pg_catalog.set_config('${COUNTS_SETTING}', pg_catalog.json_build_object(
    'read', n_read, 'winners', n_winners, 'written', n_written,
    'inserted', n_written - least(n_updated, n_written), 'rejected', 0)::text, true);`,
    handler,
  );
}

export function guardedBlock(declarations: string, statements: string, handler: string): string {
  const body = `
declare
  code text; reason text; more text; bad_column text;
  ${declarations}
begin
  ${statements}
${handler === '' ? '' : `exception ${handler}\n`}end`;
  return `do ${literal(body)}`;
}

/** One statement whose errors are caught; as it is where there is nothing to catch. */
export function guardedStatement(text: string, handler: string): string {
  return handler === '' ? text : guardedBlock('', `execute ${literal(text)};`, handler);
}

/** The counts a block has handed back in this transaction. */
export async function readCounts(transaction: Transaction): Promise<StatementCounts> {
  const [row] = await transaction.query<{ counts: StatementCounts }>({
    text: `select current_setting('${COUNTS_SETTING}')::json as counts`,
  });
  if (row === undefined) throw new RelytError('INTERNAL', 'the import returned no counts');
  return row.counts;
}
