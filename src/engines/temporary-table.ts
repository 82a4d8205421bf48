import { ORDINAL_COLUMN } from '../core/reserved-columns.ts';
import type { Lines } from '../database/do-block.ts';
import type { Session, Transaction } from '../database/session.ts';
import { ident, type Statement } from '../database/statement.ts';
import { columnDefinitions } from './column-definitions.ts';
import type { Engine, ExternalFiles } from './engine.ts';
import type { EngineProfile } from './profiles.ts';

/** Where engines that cannot make an external table bring the staged rows first. */
export const STAGED_TABLE = 'pg_temp.relyt_loader_external';

/** Of the target only the types: what its constraints refuse is found by the insert, where bad records are isolated. */
export const createStagedTable = (files: ExternalFiles): Statement => ({
  name: 'createStagedTable',
  text: `create temporary table relyt_loader_external (${columnDefinitions(files)})
on commit drop`,
});

/** For the lines of one staged file. */
export const copyFile = ({ columns, layout }: ExternalFiles): Statement => {
  const names = [ORDINAL_COLUMN, ...columns.map(({ name }) => name)].map(ident).join(', ');
  return {
    name: 'copyFile',
    text: `copy ${STAGED_TABLE} (${names}) from stdin (format ${layout.format})`,
  };
};

const dropStagedTable = (): Statement => ({
  name: 'dropStagedTable',
  text: `drop table ${STAGED_TABLE}`,
});

/** Hands over the temporary table, whichever way the rows came into it. What reads it has nothing to tell. */
export abstract class TemporaryTableEngine implements Engine {
  abstract readonly profile: EngineProfile;
  readonly guard: Lines = [];

  abstract prepare(session: Session): Promise<void>;

  abstract open(transaction: Transaction, files: ExternalFiles): Promise<string>;

  readFailure(_error: unknown): undefined {}

  async close(transaction: Transaction): Promise<void> {
    await transaction.execute(dropStagedTable());
  }
}
