import { formOf, type Layout, layoutOf } from '../core/layout.ts';
import { epochOfKey, stagedFolderOf } from '../core/object-key.ts';
import { hasTheSameForm } from '../core/staged-type.ts';
import type { TargetColumn } from '../core/target-table.ts';
import type { FileRow } from '../database/statements/file.ts';
import type { TaskRow } from '../database/statements/lease.ts';
import type { ImportFile } from '../importing/import-file.ts';
import { columnsNamed } from '../records/mapping.ts';
import { checkTypes } from '../target/hold-table.ts';
import { checkMode, checkReadable, checkStagedColumns, storedOrdinals } from './check-frozen.ts';
import { storedBytes } from './find-staged.ts';
import { importTarget } from './import-target.ts';
import { keepKey } from './keep-key.ts';
import type { OpenTask } from './open-task.ts';
import type { LoadPlan } from './plan-load.ts';
import { TaskImports } from './task-imports.ts';

/**
 * Imports the files that an earlier process froze, before any new record: those may be spread over other lanes (G3).
 * Returns the task as it goes on from there.
 * @throws RelytError RESUME_REFUSED, TABLE_CHANGED, COLUMN_…, or what made an import fail
 */
export async function importFrozen(
  task: OpenTask,
  row: TaskRow,
  frozen: readonly FileRow[],
): Promise<OpenTask> {
  await keepKey(task, row, frozen);
  const last = frozen.at(-1);
  if (last === undefined || row.staged_columns === null) return task;
  const { plan, writer, end } = task;
  const names = row.staged_columns;
  checkStagedColumns(frozen, writer.processId, names);
  const files = frozen.map((file) => importFile(file, writer.processId, names.length));
  const columns = stagedColumns(plan, row, files);
  const target = importTarget(plan, writer, columns);
  checkReadable(files, plan, row);
  checkMode(frozen, target, row);
  const imports = new TaskImports(task, target);
  end.settles(imports);
  imports.add(files);
  await imports.importedUpTo(last.file_id);
  return { ...task, last: { ...task.last, importId: imports.lastImportId } };
}

/**
 * The columns the files were written for, as the table has them now: no record is left to tell them from. Text is read
 * as a related type, too; a binary form is that of one type.
 */
function stagedColumns(
  { table }: LoadPlan,
  { staged_columns: names, staged_types: types }: TaskRow,
  files: readonly ImportFile[],
): readonly TargetColumn[] {
  const staged = (names ?? []).map((name, n) => ({ name, sqlType: types?.[n] ?? '' }));
  checkTypes(table, staged, table.columns);
  const native = staged.filter((_, n) => files.some(({ layout }) => isNative(layout, n)));
  checkTypes(table, native, table.columns, hasTheSameForm);
  return columnsNamed(table, names ?? []);
}

function isNative(layout: Layout, column: number): boolean {
  return layout.format !== 'csv' && formOf(layout, column) === 'native';
}

function importFile(file: FileRow, processId: string, columns: number): ImportFile {
  const { file_id, lane, s3_key: key, num_records, ...row } = file;
  const folder = stagedFolderOf(key, processId);
  const layout = layoutOf(row.layout, columns);
  return {
    fileId: file_id,
    lane,
    key,
    records: num_records,
    layout,
    epoch: epochOfKey(key) ?? 0,
    stored: storedBytes(row),
    ordinalSum: row.ordinal_sum === null ? undefined : BigInt(row.ordinal_sum),
    rowOrdinals: storedOrdinals(file, layout),
    ...(folder && { folder }),
  };
}
