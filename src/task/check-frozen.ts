/** Whether what an earlier process froze can be imported as the task is resumed: refused before anything is imported. */

import { conflictMode } from '../core/conflict-mode.ts';
import type { ConflictMode } from '../core/import-counts.ts';
import type { Layout } from '../core/layout.ts';
import { areOrdinalsOf, type RowOrdinals } from '../core/row-ordinals.ts';
import type { FileRow } from '../database/statements/file.ts';
import type { TaskRow } from '../database/statements/lease.ts';
import type { EngineProfile } from '../engines/profiles.ts';
import { RelytError } from '../errors.ts';
import type { ImportTarget } from '../importing/import-attempt.ts';
import type { ImportFile } from '../importing/import-file.ts';
import type { LoadPlan } from './plan-load.ts';

/**
 * A resume may have changed the columns since: files that are imported again would be read as other columns (G2).
 * @throws RelytError RESUME_REFUSED
 */
export function checkStagedColumns(
  frozen: readonly FileRow[],
  processId: string,
  columns: readonly string[],
): void {
  const now = JSON.stringify(columns);
  const other = frozen.find(
    ({ staged_columns: was }) => was !== null && JSON.stringify(was) !== now,
  );
  if (other === undefined) return;
  throw frozenRefusal(
    { processId, fileId: other.file_id },
    `was staged for other columns than the task loads since: ${other.staged_columns?.join(', ')}`,
    `${capitalized(LOAD_AGAIN)}.`,
  );
}

/**
 * Rows are written for the engine that reads them: another one might not know the layout.
 * @throws RelytError RESUME_REFUSED
 */
export function checkReadable(
  files: readonly ImportFile[],
  { engine: { profile }, processId }: Pick<LoadPlan, 'engine' | 'processId'>,
  { engine }: Pick<TaskRow, 'engine'>,
): void {
  const other = files.find(({ layout }) => !reads(profile, layout));
  if (other === undefined) return;
  throw frozenRefusal(
    { processId, fileId: other.fileId },
    `was staged in the layout '${other.layout.format}', which the engine '${profile.engine}' cannot read`,
    `Resume it with the engine '${engine}', or ${LOAD_AGAIN}.`,
  );
}

function reads({ readsBinary, copiesStraight }: EngineProfile, { format }: Layout): boolean {
  if (format === 'csv') return true;
  return format === 'tuples' ? copiesStraight : readsBinary;
}

/**
 * What `onConflict` says was decided when records were taken: lanes, layout and the order of imports rest on it. A file
 * of an older version does not tell; it is one of the mode the task was started with.
 * @throws RelytError RESUME_REFUSED
 */
export function checkMode(
  frozen: readonly FileRow[],
  { mode, table, columns, writer: { processId } }: ImportTarget,
  { settings }: Pick<TaskRow, 'settings'>,
): void {
  const { onConflict } = settings;
  const began = isOnConflict(onConflict) ? conflictMode(onConflict, table, columns) : mode;
  const other = frozen.find(({ conflict_mode: was }) => (was ?? began) !== mode);
  if (other === undefined) return;
  const was = settingOf(other.conflict_mode ?? began);
  const allowed = onConflict === was ? '' : ' (allowChanges: onConflict)';
  throw frozenRefusal(
    { processId, fileId: other.file_id },
    `waits for its import with onConflict '${was}', so the task cannot continue with '${settingOf(mode)}' yet`,
    `Resume it with onConflict '${was}'${allowed}, which imports what waits, and call suspend(): the next resume may change onConflict. Or ${LOAD_AGAIN}.`,
  );
}

/** Modes differ only where a key is loaded; there a plain insert is what `error` asks for. */
function settingOf(mode: string): string {
  return mode === 'insert' ? 'error' : mode;
}

function isOnConflict(value: unknown): value is Exclude<ConflictMode, 'insert'> | 'error' {
  return value === 'update' || value === 'nothing' || value === 'error';
}

/**
 * The ordinals of rows that hold none.
 * @throws RelytError BOOKKEEPING_INVALID when the layout and they do not go together, or with the number of rows
 */
export function storedOrdinals(
  {
    file_id: fileId,
    first_ordinal: first,
    last_ordinal: last,
    ordinal_gaps: gaps,
    num_records: records,
  }: FileRow,
  { format }: Layout,
): RowOrdinals | undefined {
  if (gaps === null && format !== 'tuples') return undefined;
  const known = gaps !== null && format === 'tuples';
  if (known && first !== null && last !== null && areOrdinalsOf({ first, gaps }, { records, last }))
    return { first, gaps };
  throw new RelytError(
    'BOOKKEEPING_INVALID',
    `The row of file ${fileId} contradicts itself: the ordinals that it leaves out do not fit its ${records} records in the layout '${format}'.`,
  );
}

/** A file that waits cannot be imported as the task is resumed. */
export function frozenRefusal(
  { processId, fileId }: { readonly processId: string; readonly fileId: number },
  what: string,
  hint: string,
): RelytError {
  return new RelytError('RESUME_REFUSED', `File ${fileId} of the task ${processId} ${what}.`, {
    details: { processId, fileId: String(fileId) },
    hint,
  });
}

const LOAD_AGAIN =
  'abort the task (`relyt abort PROCESS_ID`) and load the source again (`relyt load … --anew`)';

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
