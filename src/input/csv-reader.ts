import { type CsvDialectOptions, csvDialect } from './csv-dialect.ts';
import { CsvFieldSplitter } from './csv-fields.ts';
import { CsvFramer } from './csv-framer.ts';
import { type DelimitedOptions, type DelimitedReader, readDelimited } from './delimited-reader.ts';
import { OPTION_NAMES } from './format-options.ts';
import type { NullRules } from './null-rules.ts';
import { PlainRecords } from './plain-records.ts';
import { MAX_RECORD_BYTES } from './record-framer.ts';

/** `header` is true by default. */
export interface CsvOptions extends CsvDialectOptions, DelimitedOptions {
  /** Asked once, before the first record; default: no field has a rule of its own. */
  readonly nullRules?: (() => NullRules) | undefined;
}

/**
 * Reads CSV by the rules of PostgreSQL's `COPY … (FORMAT csv)`: the records are those COPY would load, and what
 * COPY refuses is INPUT_MALFORMED. Where it differs, nothing is lost:
 * - a line of only `\.` is data, as it is for COPY since PostgreSQL 18; before, it ended the data;
 * - a UTF-8 byte order mark at the start is skipped; COPY takes it into the first field;
 * - the header must be well-formed, with no name missing and none twice, unless it is ignored; COPY skips any line.
 *
 * A record with too few or too many fields goes to `onBadRecord`; an unclosed quote, mixed line ends and bytes
 * that are not UTF-8 end the reading.
 *
 * @throws RelytError CONFIG_INVALID for a wrong delimiter, quote, escape or null text
 */
export function readCsv(chunks: AsyncIterable<Buffer>, options: CsvOptions = {}): DelimitedReader {
  const dialect = csvDialect(options);
  const { maxRecordBytes = MAX_RECORD_BYTES, optionNames = OPTION_NAMES, skipLines = 0 } = options;
  const framer = new CsvFramer(dialect, { maxRecordBytes, optionNames, skipLines });
  const splitter = new CsvFieldSplitter(dialect);
  const plain = new PlainRecords(dialect);
  const { delimiter } = dialect;
  const parts = { framer, splitter, plain, optionNames, delimiter };
  return readDelimited(chunks, { ...options, parts }, () => {
    const rules = options.nullRules?.();
    splitter.nullRules = rules;
    plain.nullRules = rules;
  });
}
