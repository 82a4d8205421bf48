/** Rejected records as `relyt load` reads them, so that they can be corrected and loaded again. */

import { type ColumnType, isJsonType } from '../../core/target-table.ts';
import type { ColumnValue, RecordLayout } from '../../operations/record-layout.ts';
import { csvField } from '../../records/csv-field.ts';

/** One JSON object. Texts kept for json columns are JSON themselves, and stand in it as such. */
export function ndjsonRecord(values: readonly ColumnValue[], layout: RecordLayout): string {
  const members = values.map(([column, value]) => {
    const type = typeOf(layout, column);
    const isJson = type !== undefined && isJsonType(type);
    const text = isJson && typeof value === 'string' ? embeddedJson(value) : JSON.stringify(value);
    return `${JSON.stringify(column)}:${text}`;
  });
  return `{${members.join(',')}}`;
}

/** One CSV record of the columns of the task. */
export function csvRecord(values: readonly ColumnValue[], layout: RecordLayout): string {
  const byColumn = new Map(values);
  const fields = layout.columns.map((column) => {
    const text = columnText(byColumn.get(column) ?? null, typeOf(layout, column));
    return text === null ? '' : csvField(text);
  });
  return fields.join(',');
}

export function csvHeader({ columns }: RecordLayout): string {
  return columns.map(csvField).join(',');
}

function typeOf({ table }: RecordLayout, column: string): ColumnType | undefined {
  return table?.columns.find(({ name }) => name === column)?.type;
}

/** On one line; line ends in JSON text are blanks, never part of a string. What is no JSON stays a text to correct. */
function embeddedJson(text: string): string {
  try {
    JSON.parse(text);
    return text.replace(/[\r\n]/g, ' ');
  } catch {
    return JSON.stringify(text);
  }
}

/** The value in the syntax of its type; null is NULL. */
function columnText(value: unknown, type: ColumnType | undefined): string | null {
  if (value === null) return null;
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && type?.kind === 'array') return arrayText(value, type.delimiter);
  return JSON.stringify(value);
}

/** Quoting every element is always right. */
function arrayText(values: readonly unknown[], delimiter: string): string {
  const elements = values.map((value) => {
    if (value === null) return 'NULL';
    if (Array.isArray(value)) return arrayText(value, delimiter);
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `"${text.replace(/["\\]/g, '\\$&')}"`;
  });
  return `{${elements.join(delimiter)}}`;
}
