/** Checks of a record as a whole, before its fields are encoded. */

import type { TargetColumn } from '../core/target-table.ts';
import { RelytError } from '../errors.ts';
import { kindOf } from './codecs/refusal.ts';
import { undefinedIsNull } from './column-field.ts';
import { FieldRow } from './field-row.ts';
import type { RecordMapping } from './mapping.ts';
import { propertyReader, unreadableRecord } from './record-property.ts';
import { RecordShape } from './record-shape.ts';
import { rowFit } from './row-fit.ts';

export class RecordCheck {
  readonly columns: readonly TargetColumn[];
  readonly #mapping: RecordMapping;
  /** Absent when the user named the columns: other properties are ignored then. */
  readonly #shape: RecordShape | undefined;
  /** True when no column would refuse a record that gives nothing. */
  readonly #allMayBeAbsent: boolean;
  readonly #fits: (row: FieldRow) => boolean;
  readonly #readers: readonly ((record: object) => unknown)[];

  constructor(mapping: RecordMapping) {
    this.columns = mapping.columns.map(({ column }) => column);
    this.#mapping = mapping;
    this.#shape = mapping.explicit ? undefined : new RecordShape(mapping);
    this.#fits = rowFit(mapping);
    this.#allMayBeAbsent = this.columns.every(undefinedIsNull);
    this.#readers = mapping.columns.map(({ property }) => propertyReader(property));
  }

  /**
   * Encodes a record that passes.
   * @throws RelytError RECORD_INVALID, and as `encode` does
   */
  encoded<Row>(
    record: unknown,
    ordinal: number,
    encode: (record: object, ordinal: number) => Row,
  ): Row {
    if (typeof record !== 'object' || record === null) throw notAnObject(record, ordinal);
    const isRow = record instanceof FieldRow;
    if (isRow && !this.#fits(record)) return this.encoded(record.kept, ordinal, encode);
    try {
      if (isRow) return encode(record, ordinal);
      this.#shape?.check(record, ordinal);
      if (this.#allMayBeAbsent) this.#checkGivesSomething(record, ordinal);
      return encode(record, ordinal);
    } catch (error) {
      if (error instanceof RelytError || error instanceof TextColumnNeededError) throw error;
      throw unreadableRecord({
        record,
        subject: `Record ${ordinal}`,
        read: this.#mapping.columns.map(({ column, property }) => [column.name, property]),
        details: { record: ordinal },
        cause: error,
      });
    }
  }

  /** A Map, or an object with misspelt properties under a mapping, must not become a row of NULLs. */
  #checkGivesSomething(record: object, ordinal: number): void {
    for (const read of this.#readers) if (read(record) !== undefined) return;
    throw new RelytError('RECORD_INVALID', `Record ${ordinal} gives no column a value.`, {
      details: { record: ordinal, got: kindOf(record) },
      hint: 'Name its properties like the columns or map them with `columns`; Object.fromEntries(map) makes an object of a Map.',
    });
  }
}

/** A good record has a value that only the server can read: its column must be staged as text from here on. */
export class TextColumnNeededError extends Error {
  /** Number of the staged column, from 0. */
  readonly column: number;

  constructor(column: number) {
    super('a staged column has to be text from here on');
    this.column = column;
  }
}

function notAnObject(record: unknown, ordinal: number): RelytError {
  const got = kindOf(record);
  return new RelytError('RECORD_INVALID', `Record ${ordinal} is not an object: got ${got}.`, {
    details: { record: ordinal, expected: 'object', got },
  });
}
