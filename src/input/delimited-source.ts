/** The records of an input whose fields stand between delimiters, each field under the name of its column. */

import { RelytError } from '../errors.ts';
import { unknownColumn } from '../records/column-errors.ts';
import { csvColumnNames, csvMapping } from './csv-columns.ts';
import { type CsvOptions, readCsv } from './csv-reader.ts';
import type { DelimitedOptions, DelimitedReader } from './delimited-reader.ts';
import { OPTION_NAMES } from './format-options.ts';
import { type NullRules, nullRules } from './null-rules.ts';
import { delimiterOfHeader, sayDelimiter } from './other-delimiter.ts';
import { type RecordSource, type SourceOptions, sourceBatches } from './record-source.ts';
import { readText } from './text-reader.ts';

type OpenReader = (
  chunks: AsyncIterable<Buffer>,
  part: DelimitedOptions & Pick<CsvOptions, 'nullRules'>,
) => DelimitedReader;

/** @param defaultDelimiter where the user names none */
export function csvSource(options: SourceOptions, defaultDelimiter: string): Promise<RecordSource> {
  const { delimiter = defaultDelimiter, quote, escape: escapeCharacter, nullText } = options.format;
  const dialect = { delimiter, quote, escape: escapeCharacter, nullText };
  return delimitedSource(options, {
    delimiter,
    open: (chunks, part) => readCsv(chunks, { ...dialect, ...part }),
  });
}

/** Records in the text format of COPY: without a header, unless the user says that there is one. */
export function textSource(options: SourceOptions): Promise<RecordSource> {
  const { header = false, delimiter, nullText } = options.format;
  const format = { ...options.format, header };
  const open: OpenReader = (chunks, part) => readText(chunks, { delimiter, nullText, ...part });
  return delimitedSource({ ...options, format }, { delimiter: delimiter ?? '\t', open });
}

async function delimitedSource(
  options: SourceOptions,
  { delimiter, open }: { readonly delimiter: string; readonly open: OpenReader },
): Promise<RecordSource> {
  const { input, format, rest, onBadRecord, optionNames } = options;
  const known = namesBeforeReading(options);
  let rules: NullRules;
  const reader = open(input, {
    onBadRecord,
    optionNames,
    header: format.header === false ? false : known === undefined || 'ignored',
    skipLines: format.skipLines,
    columnCount: known?.length,
    nullRules: () => rules,
  });
  const names = known ?? (await reader.header());
  // An empty input has no header, and no record that would need the columns.
  const columns = names && mappingOf(names, delimiter, options);
  rules = names && nullRules(names, format, optionNames);
  if (rest === undefined)
    return { columns, batches: (skipped) => sourceBatches(reader.rows, skipped) };
  const { rows } = open(rest.input, {
    onBadRecord,
    optionNames,
    header: false,
    columnCount: names?.length,
    start: rest.start,
    nullRules: () => rules,
  });
  return { columns, batches: (skipped) => sourceBatches(rows, skipped) };
}

/** Those that do not depend on the header; undefined where it names the columns. */
function namesBeforeReading({ table, format }: SourceOptions): readonly string[] | undefined {
  const { header, columns } = format;
  if (header !== false && columns === undefined) return undefined;
  return csvColumnNames({ table, header: undefined, columns });
}

function mappingOf(
  names: readonly string[],
  delimiter: string,
  options: SourceOptions,
): Record<string, number> {
  if (options.format.columns === undefined) checkDelimiter(names, delimiter, options);
  return csvMapping(options.table, names, options.optionNames);
}

/** @throws RelytError COLUMN_UNKNOWN when another delimiter would make columns of the header */
function checkDelimiter(
  names: readonly string[],
  delimiter: string,
  { table, optionNames = OPTION_NAMES }: SourceOptions,
): void {
  const known = new Set(table.columns.map(({ name }) => name));
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return;
  const other = delimiterOfHeader(names.join(delimiter), delimiter, known);
  if (other === undefined) return;
  const { message, details } = unknownColumn(table, unknown);
  throw new RelytError('COLUMN_UNKNOWN', message, {
    details,
    hint: sayDelimiter(other, optionNames.delimiter),
  });
}
