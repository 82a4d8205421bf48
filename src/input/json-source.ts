/** The records of a JSON input, one object a line or the elements of an array: their keys are columns. */

import { isJsonType, type TargetTable } from '../core/target-table.ts';
import { checkColumns } from './csv-columns.ts';
import { readJsonArray, readNdjson } from './json-reader.ts';
import { type RecordSource, type SourceOptions, sourceBatches } from './record-source.ts';

export function ndjsonSource(options: SourceOptions): RecordSource {
  return objectSource(options, readNdjson);
}

export function jsonArraySource(options: SourceOptions): RecordSource {
  return objectSource(options, readJsonArray);
}

function objectSource(options: SourceOptions, read: typeof readNdjson): RecordSource {
  const { input, format, optionNames, table, rest, onBadRecord } = options;
  const columns = format.columns?.filter((name) => name !== '');
  if (columns !== undefined) checkColumns(table, columns, optionNames);
  const { rows } = read(rest?.input ?? input, {
    jsonColumns: jsonColumns(table),
    onBadRecord,
    start: rest?.start,
  });
  return { columns, batches: (skipped) => sourceBatches(rows, skipped) };
}

function jsonColumns(table: TargetTable): ReadonlySet<string> {
  const json = table.columns.filter(({ type }) => isJsonType(type));
  return new Set(json.map(({ name }) => name));
}
