import { CSV } from '../core/layout.ts';
import type { Repertoire } from '../core/repertoire.ts';
import { shortText } from '../core/short-text.ts';
import type { TargetColumn } from '../core/target-table.ts';
import { RelytError } from '../errors.ts';
import { LONG_FIELD } from './long-fields.ts';
import type { RecordEncoder } from './record-encoder.ts';

/** Refuses records with characters that the encoding of the database cannot store, before a file is staged with them. */
export class StorableEncoder implements RecordEncoder<string> {
  readonly layout = CSV;
  readonly #encoder: RecordEncoder<string>;
  readonly #repertoire: Repertoire;

  constructor(encoder: RecordEncoder<string>, repertoire: Repertoire) {
    this.#encoder = encoder;
    this.#repertoire = repertoire;
  }

  get columns(): readonly TargetColumn[] {
    return this.#encoder.columns;
  }

  get lane(): number {
    return this.#encoder.lane;
  }

  get longFields(): readonly (readonly Buffer[])[] {
    return this.#encoder.longFields;
  }

  encode(record: unknown, ordinal: number): string {
    const line = this.#encoder.encode(record, ordinal);
    this.#check(line, ordinal, (index) => fieldAt(line, index));
    this.longFields.forEach((pieces, n) => {
      // No piece ends inside a character.
      for (const piece of pieces)
        this.#check(piece.toString(), ordinal, () => longFieldAt(line, n));
    });
    return line;
  }

  /** @param fieldOf number of the field in which the character at an index of the text stands */
  #check(text: string, ordinal: number, fieldOf: (index: number) => number): void {
    const missing = this.#repertoire.firstMissing(text);
    if (missing === -1) return;
    // The first field is the ordinal.
    const column = this.columns[fieldOf(missing) - 1];
    throw this.#unstorable(text.codePointAt(missing) ?? 0, column, ordinal);
  }

  #unstorable(character: number, column: TargetColumn | undefined, record: number): RelytError {
    const code = character.toString(16).toUpperCase().padStart(4, '0');
    const { encoding } = this.#repertoire;
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

/** Number of the field in whose place the n-th long one stands, from 0. */
function longFieldAt(line: string, n: number): number {
  let at = -1;
  for (let i = 0; i <= n; i++) at = line.indexOf(LONG_FIELD, at + 1);
  return fieldAt(line, at);
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
