/** The function that writes the fields of a file as a tuple of binary COPY, from bytes to bytes. */

import { type FieldNames, fieldNumber, perNames } from './field-names.ts';
import { ABSENT_END, type FieldRow, NULL_END } from './field-row.ts';
import { type FieldReader, NO_ROOM, NOT_READ, readNothing } from './native/native-form.ts';
import {
  startTuple,
  type TupleColumn,
  type TupleFieldWriter,
  type TupleFunction,
  type TupleShape,
  writeNull,
} from './tuple-row.ts';

/** What is known of a column whose fields come from a file. */
interface FieldColumn {
  /** Number of the field. */
  readonly field: number;
  readonly read: FieldReader;
  /** Reads a value of JSON that is not text in the bytes. */
  readonly readArray: FieldReader;
  /** Judges what is not read. */
  readonly write: TupleFieldWriter;
  readonly nullIsNull: boolean;
}

export function fieldTuple({ columns, withOrdinal }: TupleShape): TupleFunction<FieldRow> {
  const fieldsOf = perNames((names) => columns.map((column) => fieldColumn(column, names)));
  return (row, ordinal, target, start) => {
    if (start > target.limit) return NO_ROOM;
    const { bytes, bounds, first } = row;
    const fields = fieldsOf(row);
    let at = startTuple(target, start, { fields: columns.length, ordinal, withOrdinal });
    for (let i = 0; i < fields.length; i += 1) {
      const { field, read, readArray, write, nullIsNull } = fields[i] as FieldColumn;
      const from = bounds[first + 2 * field] as number;
      const to = bounds[first + 2 * field + 1] as number;
      let end = NOT_READ;
      if (to >= 0) end = read(bytes, from, to, target, at);
      else if (to < ABSENT_END) end = readArray(bytes, from, -to, target, at);
      else if (to === NULL_END && nullIsNull) end = writeNull(target, at);
      if (end === NOT_READ) end = write(row.value(field), ordinal, target, at);
      if (end === NO_ROOM) return NO_ROOM;
      at = end;
    }
    return at;
  };
}

function fieldColumn(
  { property, read = readNothing, readArray = readNothing, write, nullIsNull }: TupleColumn,
  names: FieldNames | undefined,
): FieldColumn {
  return { field: fieldNumber(names, property), read, readArray, write, nullIsNull };
}
