import type { ImportCounts } from '../../core/import-counts.ts';
import type { WrittenTarget } from '../../core/imported-target.ts';
import type { Statement } from '../statement.ts';
import type { ReadingSettings } from './reading.ts';

/** For the rest of the transaction. PostgreSQL 14 and later also notice a client that died. */
export const beginImport = (
  limitMs: number,
  { timeZone, zoneAbbreviations, lcMonetary }: ReadingSettings,
): Statement => ({
  name: 'beginImport',
  text: `select set_config('statement_timeout', $1, true), set_config('TimeZone', $2, true), set_config('lc_monetary', $3, true),
       set_config('timezone_abbreviations', $4, true),
       case when current_setting('server_version_num')::int >= 140000
            then set_config('client_connection_check_interval', '250ms', true) end`,
  values: [String(Math.max(1, Math.ceil(limitMs))), timeZone, lcMonetary, zoneAbbreviations],
});

export const insertImport = (entry: {
  readonly processId: string;
  readonly importId: number;
  readonly files: number;
  readonly counts: ImportCounts;
  readonly written: WrittenTarget;
}): Statement => ({
  name: 'insertImport',
  text: `insert into relyt_sys.relyt_loader_import
  (process_id, import_id, files, num_records, rows_inserted, rows_updated, rows_skipped, rows_superseded, rows_rejected,
   started_at, imported_at, owner_role, target_oid, auxiliary_oid, marker,
   moves_before, auxiliary_moves)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, now(), clock_timestamp(), t.owner_role, $10, $11, $12, $13, $14
from relyt_sys.relyt_loader_task t where t.process_id = $1`,
  values: [
    entry.processId,
    entry.importId,
    entry.files,
    entry.counts.records,
    entry.counts.inserted,
    entry.counts.updated,
    entry.counts.skipped,
    entry.counts.superseded,
    entry.counts.rejected,
    entry.written.table,
    entry.written.auxiliary,
    entry.written.marker,
    entry.written.movesBefore,
    entry.written.auxiliaryMoves,
  ],
});

export const readImport = (processId: string, importId: number): Statement => ({
  name: 'readImport',
  text: `select num_records as records, rows_inserted as inserted, rows_updated as updated,
       rows_skipped as skipped, rows_superseded as superseded, rows_rejected as rejected
from relyt_sys.relyt_loader_import where process_id = $1 and import_id = $2`,
  values: [processId, importId],
});

export const maxImportId = (processId: string): Statement => ({
  name: 'maxImportId',
  text: `select coalesce(max(import_id), 0) as last from relyt_sys.relyt_loader_import where process_id = $1`,
  values: [processId],
});

/** All imports of a task are undone: their rows are gone with the table. The caller holds the epoch (`holdEpoch`). */
export const forgetImports = (processId: string): Statement => ({
  name: 'forgetImports',
  text: 'delete from relyt_sys.relyt_loader_import where process_id = $1',
  values: [processId],
});

/** Whether an import of the task has written rows: what refuses a record is then not the load as a whole. */
export const anyPassed = (processId: string): Statement => ({
  name: 'anyPassed',
  text: `select exists (
  select 1 from relyt_sys.relyt_loader_import where process_id = $1 and rows_inserted + rows_updated > 0
) as "anyPassed"`,
  values: [processId],
});

/** SQL: the task $1 has all imports of a parameter, an array of their ids. */
export const hasImports = (ids: string): string =>
  `(select count(*) from relyt_sys.relyt_loader_import i
    where i.process_id = $1 and i.import_id = any(${ids}::int8[])) = cardinality(${ids}::int8[])`;
