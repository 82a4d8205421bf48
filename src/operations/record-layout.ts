import type { TargetTable } from '../core/target-table.ts';
import type { Database } from '../database/database.ts';
import { findTarget } from './find-target.ts';
import type { RejectedRecord } from './rejected-records.ts';
import type { TaskDetails } from './show-task.ts';

/** A field of a record that can be loaded again, by the name of its column. */
export type ColumnValue = readonly [column: string, value: unknown];

/** How the records of a task are laid out: which part of a record belongs to which column. */
export interface RecordLayout {
  /** Undefined when the table is gone. */
  readonly table: TargetTable | undefined;
  /** Where a column takes its value from; undefined when properties are called like columns. */
  readonly sources: readonly (readonly [column: string, property: string | number])[] | undefined;
  /** The columns of the task, as far as they are known. */
  readonly columns: readonly string[];
}

export async function readLayout(database: Database, details: TaskDetails): Promise<RecordLayout> {
  const table = await findTarget(database.sharedReads(), details.table);
  const sources = sourcesOf(details.task?.settings.columns);
  const columns =
    sources?.map(([column]) => column) ??
    details.task?.stagedColumns ??
    table?.columns.filter(({ generated }) => !generated).map(({ name }) => name) ??
    [];
  return { table, sources, columns };
}

/**
 * The values of a rejected record by column; undefined when it is not a record: text that could not be read.
 * What the database refused is kept by column already; what the loader refused, as it was handed over.
 */
export function columnValues(
  { stage, record }: RejectedRecord,
  { sources }: RecordLayout,
): ColumnValue[] | undefined {
  if (typeof record !== 'object' || record === null) return undefined;
  if (stage === 'import' || sources === undefined) {
    return Array.isArray(record) ? undefined : Object.entries(record);
  }
  return sources.flatMap(([column, property]) =>
    Object.hasOwn(record, property)
      ? [[column, (record as Record<string | number, unknown>)[property]] as const]
      : [],
  );
}

/** The setting `columns` of a task, as it is stored. */
function sourcesOf(columns: unknown): RecordLayout['sources'] {
  if (typeof columns !== 'object' || columns === null) return undefined;
  if (Array.isArray(columns)) return columns.map((name: string) => [name, name]);
  return Object.entries(columns as Record<string, string | number>);
}
