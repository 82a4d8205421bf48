import { type DelimitedOptions, type DelimitedReader, readDelimited } from './delimited-reader.ts';
import { OPTION_NAMES } from './format-options.ts';
import { PlainRecords } from './plain-records.ts';
import { MAX_RECORD_BYTES } from './record-framer.ts';
import { type TextDialectOptions, textDialect } from './text-dialect.ts';
import { TextFieldSplitter } from './text-fields.ts';
import { TextFramer } from './text-framer.ts';

/** `header` is false by default. */
export interface TextOptions extends TextDialectOptions, DelimitedOptions {}

/**
 * Reads the text format of PostgreSQL's COPY: what `COPY … TO`, psql and pg_dump write. A line of only `\.` ends the data;
 * what follows it is refused, where COPY skips it.
 *
 * A record with too few or too many fields, or with a backslash sequence that is not a character, goes to `onBadRecord`;
 * mixed line ends and bytes that are not UTF-8 end the reading.
 *
 * @throws RelytError CONFIG_INVALID for a wrong delimiter or null text
 */
export function readText(
  chunks: AsyncIterable<Buffer>,
  options: TextOptions = {},
): DelimitedReader {
  const dialect = textDialect(options);
  const { maxRecordBytes = MAX_RECORD_BYTES, optionNames = OPTION_NAMES, skipLines = 0 } = options;
  const { delimiter } = dialect;
  const parts = {
    framer: new TextFramer({ maxRecordBytes, optionNames, skipLines }),
    splitter: new TextFieldSplitter(dialect),
    plain: new PlainRecords(dialect),
    optionNames,
    delimiter,
  };
  return readDelimited(chunks, { ...options, header: options.header ?? false, parts });
}
