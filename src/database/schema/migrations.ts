import type { Dialect } from '../../core/dialect.ts';
import { bookkeeping } from './migration-0001-bookkeeping.ts';
import { externalFiles } from './migration-0002-external-files.ts';
import { moves } from './migration-0003-moves.ts';
import { filePosition } from './migration-0004-file-position.ts';
import { rejectConstraint } from './migration-0005-reject-constraint.ts';
import { groupColumns } from './migration-0006-group-columns.ts';
import { owners } from './migration-0007-owner.ts';
import { fileBytes } from './migration-0008-file-bytes.ts';
import { keys } from './migration-0009-keys.ts';
import { downloads } from './migration-0010-downloads.ts';
import { recordLines } from './migration-0011-lines.ts';
import { standing } from './migration-0012-standing.ts';
import { replay } from './migration-0013-replay.ts';
import { fileLayout } from './migration-0015-layout.ts';
import { layouts } from './migration-0016-read-layouts.ts';
import { rowOrdinalColumns } from './migration-0017-row-ordinals.ts';
import { movedRows } from './migration-0018-moved-rows.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  /** Needed only by this engine; left out where another one is used. */
  readonly engine?: 'postgres';
  readonly sql: (dialect: Dialect) => string;
}

/** In order of number. A landed migration never changes; a correction is a new one. */
export const MIGRATIONS: readonly Migration[] = [
  { number: 1, name: 'bookkeeping', sql: bookkeeping },
  { number: 2, name: 'external-files', engine: 'postgres', sql: () => externalFiles },
  { number: 3, name: 'moves', sql: moves },
  { number: 4, name: 'file-position', sql: () => filePosition },
  { number: 5, name: 'reject-constraint', sql: () => rejectConstraint },
  { number: 6, name: 'group-columns', sql: groupColumns },
  { number: 7, name: 'owner', sql: owners },
  { number: 8, name: 'file-bytes', sql: () => fileBytes },
  { number: 9, name: 'keys', sql: keys },
  { number: 10, name: 'downloads', engine: 'postgres', sql: () => downloads },
  { number: 11, name: 'lines', sql: () => recordLines },
  { number: 12, name: 'standing', sql: standing },
  { number: 13, name: 'replay', sql: () => replay },
  { number: 15, name: 'layout', sql: () => fileLayout },
  { number: 16, name: 'read-layouts', engine: 'postgres', sql: () => layouts },
  { number: 17, name: 'row-ordinals', sql: () => rowOrdinalColumns },
  { number: 18, name: 'moved-rows', sql: movedRows },
];

export const CREATE_SCHEMA = 'create schema if not exists relyt_sys';

export const createLedger = ({
  tableStorage,
}: Dialect): string => `create table if not exists relyt_sys.relyt_loader_migration (
  number     int primary key,
  name       text not null,
  applied_at timestamp with time zone not null
)${tableStorage('number')}`;

/** Migrations the given engine needs. */
export function migrationsFor(engine: string): readonly Migration[] {
  return MIGRATIONS.filter(
    (migration) => migration.engine === undefined || migration.engine === engine,
  );
}
