/** One staged column of a tuple: a value of a record becomes its field, or an error that says where. */

import type { ColumnForm } from '../core/layout.ts';
import type { TargetColumn } from '../core/target-table.ts';
import type { Codec, KeptCheck } from './codecs/codec.ts';
import { checkAbsent, refusedField } from './column-field.ts';
import type { LaneHash } from './lanes.ts';
import {
  type FieldReader,
  type NativeForm,
  NO_ROOM,
  NOT_READ,
  TextNeededError,
} from './native/native-form.ts';
import { copyText, PiecewiseText } from './native/texts.ts';
import { TextColumnNeededError } from './record-check.ts';
import { type TupleFieldWriter, writeNull } from './tuple-row.ts';

export interface TupleFieldOptions {
  readonly column: TargetColumn;
  /** Of the staged column, from 0. */
  readonly index: number;
  readonly codec: Codec;
  readonly form: ColumnForm;
  /** Receives every value, when the column decides the lane. */
  readonly lane?: LaneHash | undefined;
}

/**
 * Reads fields of files into the column; undefined where none can be read. A key column's bytes decide the lane, or else
 * only its texts do, which the writer sees.
 */
export function tupleFieldReader({
  codec,
  form,
  lane,
}: TupleFieldOptions): FieldReader | undefined {
  const native = form === 'native' ? codec.native : undefined;
  const read = native ? native.read : keptReader(codec.isKept);
  if (read === undefined || lane === undefined) return read;
  if (!native?.canonical) return undefined;
  return (source, from, to, target, at) => {
    const end = read(source, from, to, target, at);
    if (end >= 0) lane.addBytes(target.bytes, at + 4, end);
    return end;
  };
}

/** Of a column that is staged as text. */
function keptReader(isKept: KeptCheck | undefined): FieldReader | undefined {
  if (isKept === undefined) return undefined;
  return (source, from, to, target, at) =>
    isKept(source, from, to) ? copyText(source, from, to, target, at) : NOT_READ;
}

export function tupleFieldWriter(options: TupleFieldOptions): TupleFieldWriter {
  const { column, index, codec, form, lane } = options;
  const native = form === 'native' ? codec.native : undefined;
  const text = new PiecewiseText();
  const write: NativeForm['write'] = native
    ? (value, target, at) => native.write(value, target, at)
    : (value, target, at) => {
        text.start(target, at);
        return text.end(codec.encode(value, text), at);
      };
  return (value, ordinal, target, at) => {
    if (value === null || value === undefined) {
      checkAbsent(column, value, ordinal);
      return writeNull(target, at);
    }
    try {
      const end = write(value, target, at);
      if (lane === undefined || end === NO_ROOM) return end;
      if (native?.canonical) lane.addBytes(target.bytes, at + 4, end);
      else if (codec.canonical !== undefined) lane.add(codec.canonical(codec.encode(value)));
      return end;
    } catch (error) {
      if (error instanceof TextNeededError) throw new TextColumnNeededError(index);
      throw refusedField(column, ordinal, error);
    }
  };
}
