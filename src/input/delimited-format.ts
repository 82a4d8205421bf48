/** What the rows of delimited formats have in common: fields that are counted. */

import { counted } from '../core/figures.ts';
import { RelytError } from '../errors.ts';
import { FieldRow } from '../records/field-row.ts';
import type { DelimitedFramer } from './delimited-framer.ts';
import type { OptionNames } from './format-options.ts';
import { delimiterOfRecord, sayDelimiter } from './other-delimiter.ts';
import type { PlainRecords } from './plain-records.ts';
import type { RecordPlace } from './record-batch.ts';
import type { PlainReader, RowFormat } from './row-collector.ts';
import type { TextChunk } from './utf8-text.ts';

/** A table has at most 1600 columns; many times that is not a record of one. */
export const MOST_FIELDS = 65_536;

/** Fields as texts; null is NULL, `''` an empty string. */
export type TextFields = readonly (string | null)[];

/** Splits complete records, which have no line end at their end. */
export interface FieldSplitter {
  /** How many fields the record split last has. */
  readonly count: number;
  /**
   * @param most fields that are wanted; of more, which are only counted, one is returned
   * @throws RelytError INPUT_MALFORMED when a field cannot be read
   */
  split(record: string, most: number): (string | null)[];
}

export interface DelimitedParts {
  readonly framer: DelimitedFramer;
  readonly splitter: FieldSplitter;
  readonly plain: PlainRecords;
  readonly optionNames: OptionNames;
  readonly delimiter: string;
}

/** Splits records into fields, and counts these. */
export class DelimitedFormat implements RowFormat<TextFields> {
  readonly framer: DelimitedFramer;
  readonly plain: PlainRecords;
  readonly #splitter: FieldSplitter;
  readonly #optionNames: OptionNames;
  readonly #delimiter: string;
  fieldCount: number | undefined;

  constructor({ framer, splitter, plain, optionNames, delimiter }: DelimitedParts) {
    this.framer = framer;
    this.plain = plain;
    this.#splitter = splitter;
    this.#optionNames = optionNames;
    this.#delimiter = delimiter;
  }

  get boundsPerRow(): number {
    return 2 * (this.fieldCount ?? 0);
  }

  parse(text: string, place: RecordPlace): TextFields {
    const splitter = this.#splitter;
    const fields = splitter.split(text, this.fieldCount ?? MOST_FIELDS);
    const { count } = splitter;
    if (count > MOST_FIELDS) throw tooManyFields(place, count, this.#optionNames);
    this.fieldCount ??= count;
    if (count === this.fieldCount) return fields;
    throw wrongFieldCount(
      place,
      { expected: this.fieldCount, got: count, text, delimiter: this.#delimiter },
      this.#optionNames,
    );
  }

  reader(): PlainReader | undefined {
    const lineEnd = this.framer.plainLineEnd;
    const fields = this.fieldCount;
    if (lineEnd === undefined || fields === undefined) return undefined;
    const shape = { fields, lineEnd };
    return (bytes, from) => this.plain.read(bytes, from, shape);
  }

  rowsOf({ bytes, ascii }: TextChunk): () => FieldRow {
    const { bounds } = this.plain;
    const count = this.fieldCount ?? 0;
    return () => new FieldRow(bytes, bounds, { ascii, count });
  }
}

function tooManyFields(
  { line, recordNumber }: RecordPlace,
  got: number,
  { delimiter }: OptionNames,
): RelytError {
  const message = `Line ${line} (record ${recordNumber}) has ${counted(got, 'field')}, more than ${MOST_FIELDS}.`;
  return new RelytError('INPUT_MALFORMED', message, {
    details: {
      line,
      expected: `at most ${counted(MOST_FIELDS, 'field')}`,
      got: counted(got, 'field'),
    },
    hint: `Check ${delimiter}.`,
  });
}

interface FieldsFound {
  readonly expected: number;
  readonly got: number;
  readonly text: string;
  readonly delimiter: string;
}

function wrongFieldCount(
  place: RecordPlace,
  found: FieldsFound,
  optionNames: OptionNames,
): RelytError {
  const expected = counted(found.expected, 'field');
  const got = counted(found.got, 'field');
  const message = `Line ${place.line} (record ${place.recordNumber}) has ${got}, expected ${expected}.`;
  return new RelytError('INPUT_MALFORMED', message, {
    details: { line: place.line, expected, got },
    hint: hintFor(found, optionNames),
  });
}

function hintFor(found: FieldsFound, { delimiter, quote }: OptionNames): string {
  if (found.text === '') return 'Remove the empty line.';
  if (found.text === '\\.') return 'Remove the line: the end of the file ends the data.';
  const other = delimiterOfRecord(found.text, found.delimiter, found.expected);
  if (other !== undefined) return sayDelimiter(other, delimiter);
  return found.got > found.expected
    ? `Quote fields that hold the delimiter, or check ${delimiter} and ${quote}.`
    : `Give every record all fields (an empty one is NULL), or check ${delimiter} and ${quote}.`;
}
