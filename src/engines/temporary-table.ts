import { copyFormat } from '../core/layout.ts';
import { ORDINAL_COLUMN } from '../core/reserved-columns.ts';
import { gapThresholds, type RowOrdinals } from '../core/row-ordinals.ts';
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
  const ordinal = layout.format === 'tuples' ? [] : [ORDINAL_COLUMN];
  const names = [...ordinal, ...columns.map(({ name }) => name)].map(ident).join(', ');
  return {
    name: 'copyFile',
    text: `copy ${STAGED_TABLE} (${names}) from stdin (format ${copyFormat(layout)})`,
  };
};

/** The next row that holds no ordinal has this one, those after it the following ones. */
export const numberRows = (first: number): Statement => ({
  name: 'numberRows',
  text: `alter table ${STAGED_TABLE} alter column ${ident(ORDINAL_COLUMN)} restart with ${first}`,
});

/** Numbers the rows of a file, which were numbered as if there were no gaps, as they are. */
export const skipGaps = (ordinals: RowOrdinals, records: number): Statement => {
  const ordinal = ident(ORDINAL_COLUMN);
  return {
    name: 'skipGaps',
    text: `update ${STAGED_TABLE}
set ${ordinal} = ${ordinal} operator(pg_catalog.+) pg_catalog.width_bucket(${ordinal}, $1::pg_catalog.int8[])
where ${ordinal} operator(pg_catalog.>=) $2::pg_catalog.int8 and ${ordinal} operator(pg_catalog.<) $3::pg_catalog.int8`,
    values: [gapThresholds(ordinals), ordinals.first, ordinals.first + records],
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
