import type { Repertoire } from '../core/repertoire.ts';
import { shortText } from '../core/short-text.ts';
import type { TargetColumn } from '../core/target-table.ts';
import { RelytError } from '../errors.ts';
import type { RecordEncoder } from './record-encoder.ts';

/** Refuses records with characters that the encoding of the database cannot store, before a file is staged with them. */
export class StorableEncoder implements RecordEncoder {
  readonly #encoder: RecordEncoder;
  readonly #repertoire: Repertoire;

  constructor(encoder: RecordEncoder, repertoire: Repertoire) {
    this.#encoder = encoder;
    this.#repertoire = repertoire;
  }

  get columns(): readonly TargetColumn[] {
    return this.#encoder.columns;
  }

  get lane(): number {
    return this.#encoder.lane;
  }

  encode(record: unknown, ordinal: number): string {
    const line = this.#encoder.encode(record, ordinal);
    const missing = this.#repertoire.firstMissing(line);
    if (missing !== -1) throw this.#unstorable(line, missing, ordinal);
    return line;
  }

  #unstorable(line: string, index: number, record: number): RelytError {
    const code = (line.codePointAt(index) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    const { encoding } = this.#repertoire;
    // The first field is the ordinal.
    const column = this.columns[fieldAt(line, index) - 1];
    const place =
      column === undefined
        ? ''
        : `, column "${shortText(column.name)}" (${shortText(column.sqlType)})`;
    const message = `Record ${record}${place}: the value holds the character U+${code}, which a database in ${encoding} cannot store.`;
    return new RelytError('RECORD_INVALID', message, {
      details: {
        record,
        ...(column === undefined ? {} : { column: column.name, expected: column.sqlType }),
        got: `text with U+${code}`,
      },
      hint: 'Replace the character, or load into a database in UTF8.',
    });
  }
}

/** Number of the field of a line, from 0, in which a character stands. */
function fieldAt(line: string, index: number): number {
  let field = 0;
  let quoted = false;
  for (const character of line.slice(0, index)) {
    if (character === '"') quoted = !quoted;
    else if (character === ',' && !quoted) field++;
  }
  return field;
}
