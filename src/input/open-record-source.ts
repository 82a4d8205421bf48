/** Which reader an input needs. */

import { csvSource, textSource } from './delimited-source.ts';
import { inputFormat } from './format.ts';
import { jsonArraySource, ndjsonSource } from './json-source.ts';
import type { RecordSource, SourceOptions } from './record-source.ts';
import { refuseOptions } from './refused-options.ts';

/** Reads as much as it takes to know the columns. @throws RelytError CONFIG_INVALID, INPUT_MALFORMED, COLUMN_… */
export async function openRecordSource(options: SourceOptions): Promise<RecordSource> {
  const { input } = options;
  const found = inputFormat({
    format: options.format.format,
    fileName: input.name,
    head: await input.peek(),
  });
  refuseOptions(found.kind, options.format, options.optionNames);
  switch (found.kind) {
    case 'csv':
      return csvSource(options, found.delimiter);
    case 'text':
      return textSource(options);
    case 'ndjson':
      return ndjsonSource(options);
    case 'json':
      return jsonArraySource(options);
  }
}
