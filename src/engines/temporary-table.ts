import type { StatementCounts } from '../core/import-counts.ts';
import type { Transaction } from '../database/database.ts';
import { ident, type Statement } from '../database/statement.ts';
import { failpoint } from '../failpoints.ts';
import type { ExternalFiles } from './engine.ts';
import { COUNTS_SETTING, insertBlock, readCounts } from './insert-block.ts';
import { type InsertPlan, ORDINAL_COLUMN } from './insert-statement.ts';
import { afterIsolation, isolationBlock, stageRows } from './isolation-block.ts';
import { loadStaged } from './staged-load.ts';

/** Where engines that cannot make an external table bring the staged rows first. */
export const STAGED_TABLE = 'pg_temp.relyt_loader_external';

/** Of the target only the types: what its constraints refuse is found by the insert, where bad records are isolated. */
export const createStagedTable = (files: ExternalFiles): Statement => {
  const columns = files.columns.map(
    (column) => `${ident(column.name)} ${files.asText ? 'text' : column.sqlType}`,
  );
  return {
    text: `create temporary table relyt_loader_external (${ident(ORDINAL_COLUMN)} bigint, ${columns.join(', ')})
on commit drop`,
  };
};

export const dropStagedTable = (): Statement => ({ text: `drop table ${STAGED_TABLE}` });

/** The staged columns as COPY and its relatives take them. */
export function stagedColumns(files: ExternalFiles): string {
  return [ORDINAL_COLUMN, ...files.columns.map((column) => column.name)].map(ident).join(', ');
}

export async function loadStagedTable(
  transaction: Transaction,
  plan: InsertPlan,
): Promise<StatementCounts> {
  if (plan.routing !== undefined) return loadStaged(transaction, plan, '');
  await transaction.execute({ text: insertBlock(plan, '') });
  return readCounts(transaction);
}

export async function isolateStagedTable(
  transaction: Transaction,
  plan: InsertPlan,
  maxBad: number,
): Promise<StatementCounts> {
  for (const text of stageRows(plan)) await transaction.execute({ text });
  await failpoint('isolation-staged');
  await transaction.execute({ text: isolationBlock(plan, maxBad, COUNTS_SETTING) });
  await afterIsolation(transaction, plan);
  return readCounts(transaction);
}
