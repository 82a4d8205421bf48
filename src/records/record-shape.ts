/** Makes sure that no property of a record is dropped silently when properties name the columns. */

import { shortText } from '../core/short-text.ts';
import { RelytError } from '../errors.ts';
import { suggestion } from './column-errors.ts';
import type { RecordMapping } from './mapping.ts';
import { propertyOf } from './record-property.ts';

export class RecordShape {
  readonly #mapping: RecordMapping;
  readonly #staged: ReadonlySet<string>;
  /**
   * Keys of the last record whose every key is staged, in order. A record with the same keys, or the
   * first of them, needs no further look: comparing interned strings costs next to nothing.
   */
  #known: readonly string[] = [];

  constructor(mapping: RecordMapping) {
    this.#mapping = mapping;
    this.#staged = new Set(mapping.columns.map(({ property }) => String(property)));
  }

  /** Throws RECORD_INVALID when the record has a value that no staged column takes. */
  check(record: object, ordinal: number): void {
    const known = this.#known;
    let i = 0;
    for (const key in record) {
      if (key !== known[i]) {
        this.#checkEach(record, ordinal);
        return;
      }
      i += 1;
    }
  }

  #checkEach(record: object, ordinal: number): void {
    const keys = Object.keys(record);
    let allStaged = true;
    for (const key of keys) {
      if (this.#staged.has(key)) continue;
      if (propertyOf(record, key) !== undefined)
        throw Array.isArray(record) ? notNamed(ordinal) : this.#notStaged(key, ordinal);
      allStaged = false;
    }
    if (allStaged) this.#known = keys;
  }

  #notStaged(key: string, ordinal: number): RelytError {
    const { table } = this.#mapping;
    const column = table.columns.find(({ name }) => name === key);
    const name = shortText(key);
    if (column === undefined) {
      return refused(ordinal, name, 'is not a column of the table', suggestion(table, key));
    }
    if (column.generated) {
      return refused(ordinal, name, 'is a generated column, which takes no value', undefined);
    }
    return refused(
      ordinal,
      name,
      'is a column with a default that the first record left out, so it is not loaded',
      `Give all records, from the first on, ${column.notNull ? 'a value' : 'a value or null'} for it. Or name the columns with \`columns\` (command: --columns): with this one, if all records have it; without it, to apply the default and ignore what they have. A default cannot be applied record by record.`,
    );
  }
}

function notNamed(record: number): RelytError {
  return new RelytError('RECORD_INVALID', `Record ${record} is an array, not an object.`, {
    details: { record, expected: 'object', got: 'array' },
    hint: 'Give all records the same form: the first one was an object whose properties name the columns.',
  });
}

function refused(
  record: number,
  column: string,
  wrong: string,
  hint: string | undefined,
): RelytError {
  return new RelytError('RECORD_INVALID', `Record ${record}: the property "${column}" ${wrong}.`, {
    details: { record, column },
    ...(hint === undefined ? {} : { hint }),
  });
}
