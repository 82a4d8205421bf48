import { isolateRows, loadRows } from '../applying/import-rows.ts';
import { type InsertPlan, ORDINAL_COLUMN } from '../applying/insert-statement.ts';
import type { StatementCounts } from '../core/import-counts.ts';
import type { Session, Transaction } from '../database/session.ts';
import { ident, type Statement } from '../database/statement.ts';
import { columnDefinitions } from './column-definitions.ts';
import type { Engine, ExternalFiles } from './engine.ts';
import type { EngineProfile } from './profiles.ts';

/** Where engines that cannot make an external table bring the staged rows first. */
export const STAGED_TABLE = 'pg_temp.relyt_loader_external';

/** Of the target only the types: what its constraints refuse is found by the insert, where bad records are isolated. */
export const createStagedTable = (files: ExternalFiles): Statement => ({
  text: `create temporary table relyt_loader_external (${columnDefinitions(files)})
on commit drop`,
});

/** The staged columns as COPY and its relatives take them. */
export function stagedColumns(files: ExternalFiles): string {
  return [ORDINAL_COLUMN, ...files.columns.map((column) => column.name)].map(ident).join(', ');
}

/** Loads from the temporary table, whichever way the rows came into it. */
export abstract class TemporaryTableEngine implements Engine {
  abstract readonly profile: EngineProfile;

  abstract prepare(session: Session): Promise<void>;

  abstract open(transaction: Transaction, files: ExternalFiles): Promise<string>;

  load(transaction: Transaction, plan: InsertPlan): Promise<StatementCounts> {
    return loadRows(transaction, plan, '');
  }

  isolate(transaction: Transaction, plan: InsertPlan, maxBad: number): Promise<StatementCounts> {
    return isolateRows(transaction, plan, { maxBad, handler: '' });
  }

  async close(transaction: Transaction): Promise<void> {
    await transaction.execute({ text: `drop table ${STAGED_TABLE}` });
  }
}
