import { layoutOf } from '../core/layout.ts';
import { epochOfKey, stagedFolderOf } from '../core/object-key.ts';
import type { TargetColumn } from '../core/target-table.ts';
import type { FileRow } from '../database/statements/file.ts';
import type { TaskRow } from '../database/statements/lease.ts';
import { RelytError } from '../errors.ts';
import type { ImportFile } from '../importing/import-file.ts';
import { columnsNamed } from '../records/mapping.ts';
import { checkTypes } from '../target/hold-table.ts';
import { storedBytes } from './find-staged.ts';
import { importTarget } from './import-target.ts';
import type { OpenTask } from './open-task.ts';
import type { LoadPlan } from './plan-load.ts';
import { TaskImports } from './task-imports.ts';

/**
 * Imports the files that an earlier process froze, before any new record: those may be spread over other lanes (G3).
 * Returns the task as it goes on from there.
 * @throws RelytError TABLE_CHANGED, COLUMN_…, or what made an import fail
 */
export async function importFrozen(
  task: OpenTask,
  row: TaskRow,
  frozen: readonly FileRow[],
): Promise<OpenTask> {
  const last = frozen.at(-1);
  if (last === undefined || row.staged_columns === null) return task;
  const { plan, writer, end } = task;
  checkColumns(frozen, writer.processId, row.staged_columns);
  const columns = stagedColumns(plan, row.staged_columns, row.staged_types ?? []);
  const imports = new TaskImports(task, importTarget(plan, writer, columns));
  end.settles(imports);
  imports.add(frozen.map((file) => importFile(file, writer.processId, columns.length)));
  await imports.importedUpTo(last.file_id);
  return { ...task, last: { ...task.last, importId: imports.lastImportId } };
}

/** A resume may have changed the columns since: files that are imported again would be read as other columns (G2). */
function checkColumns(
  frozen: readonly FileRow[],
  processId: string,
  columns: readonly string[],
): void {
  const now = JSON.stringify(columns);
  const other = frozen.find(
    ({ staged_columns: was }) => was !== null && JSON.stringify(was) !== now,
  );
  if (other === undefined) return;
  throw new RelytError(
    'RESUME_REFUSED',
    `File ${other.file_id} of the task ${processId} was staged for other columns than the task loads since: ${other.staged_columns?.join(', ')}.`,
    {
      details: { processId, fileId: String(other.file_id) },
      hint: `Abort the task (\`relyt abort ${processId}\`) and load the source again (\`relyt load … --anew\`).`,
    },
  );
}

/** The columns the files were written for, as the table has them now: no record is left to tell them from. */
function stagedColumns(
  { table }: LoadPlan,
  names: readonly string[],
  types: readonly string[],
): readonly TargetColumn[] {
  const staged = names.map((name, n) => ({ name, sqlType: types[n] ?? '' }));
  checkTypes(table, staged, table.columns);
  return columnsNamed(table, names);
}

function importFile(
  { file_id, lane, s3_key: key, num_records, ...row }: FileRow,
  processId: string,
  columns: number,
): ImportFile {
  const folder = stagedFolderOf(key, processId);
  return {
    fileId: file_id,
    lane,
    key,
    records: num_records,
    layout: layoutOf(row.layout, columns),
    epoch: epochOfKey(key) ?? 0,
    stored: storedBytes(row),
    ordinalSum: row.ordinal_sum === null ? undefined : BigInt(row.ordinal_sum),
    ...(folder && { folder }),
  };
}
