/** Rejected records as `relyt load` reads them, so that they can be corrected and loaded again. */

import { escapedJson, jsonLine } from '../core/control-characters.ts';
import { type ColumnType, isJsonType } from '../core/target-table.ts';
import { csvField } from '../records/csv-field.ts';
import type { ColumnValue, RecordLayout } from './record-layout.ts';

/** One JSON object. Texts kept for json columns are JSON themselves, and are in it as such. */
export function ndjsonRecord(values: readonly ColumnValue[], layout: RecordLayout): string {
  const members = values.map(([column, value]) => {
    const type = typeOf(layout, column);
    const isJson = type !== undefined && isJsonType(type);
    const text = isJson && typeof value === 'string' ? embeddedJson(value) : jsonLine(value);
    return `${jsonLine(column)}:${text}`;
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

/**
 * CSV has no escapes, and text that only looks like the record must never be loaded: JSON in one field, on a line that
 * has not as many fields as there are columns.
 */
export function unloadableField(json: string, { columns }: RecordLayout): string {
  return columns.length === 1 ? `${csvField(json)},` : csvField(json);
}

export function csvHeader({ columns }: RecordLayout): string {
  return columns.map(csvField).join(',');
}

function typeOf({ table }: RecordLayout, column: string): ColumnType | undefined {
  return table?.columns.find(({ name }) => name === column)?.type;
}

/** On one line; line ends in JSON text are blanks, never part of a string. What is not JSON stays as a string to correct. */
function embeddedJson(text: string): string {
  try {
    JSON.parse(text);
    return escapedJson(text).replace(/[\r\n]/g, ' ');
  } catch {
    return jsonLine(text);
  }
}

/** The value in the syntax of its type; null is NULL. */
function columnText(value: unknown, type: ColumnType | undefined): string | null {
  if (value === null) return null;
  if (typeof value === 'string') return type && isJsonType(type) ? jsonCell(value) : value;
  if (Array.isArray(value) && type?.kind === 'array') return arrayText(value, type.delimiter);
  return jsonLine(value);
}

/** In JSON an escape is the same text; what is not JSON stays as it is. */
function jsonCell(text: string): string {
  try {
    JSON.parse(text);
    return escapedJson(text);
  } catch {
    return text;
  }
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
