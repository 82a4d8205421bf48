/** The function that writes one record as a tuple of binary COPY, compiled for the staged columns of a task. */

import type { Codec } from './codecs/codec.ts';
import { setSafeInteger } from './native/integers.ts';
import {
  FIXED_FIELD_BYTES,
  type FieldReader,
  NO_ROOM,
  type TupleTarget,
} from './native/native-form.ts';
import { writeShortAscii } from './native/texts.ts';
import { propertyOf } from './record-property.ts';
import { canGenerate, filled, propertySource } from './row-function.ts';
import { TUPLE_PATHS } from './tuple-paths.ts';

/** Writes the tuple of a record, and returns where it ends; NO_ROOM when the target ends before. */
export type TupleFunction<R extends object = object> = (
  record: R,
  ordinal: number,
  target: TupleTarget,
  at: number,
) => number;

/** Writes the field of any value, and returns where it ends, or NO_ROOM. Throws RECORD_INVALID. */
export type TupleFieldWriter = (
  value: unknown,
  ordinal: number,
  target: TupleTarget,
  at: number,
) => number;

export interface TupleColumn {
  readonly property: string | number;
  readonly codec: Codec;
  readonly write: TupleFieldWriter;
  /** Reads fields of files, where that is not left to `write`. */
  readonly read?: FieldReader | undefined;
  /** Reads arrays of JSON files, where that is not left to `write`. */
  readonly readArray?: FieldReader | undefined;
  /** Staged in its binary form, so that its common values need no call. */
  readonly native: boolean;
  /** True: only `write` sees the values, because it also notes them for the lane. */
  readonly noted: boolean;
  /** Whether null, and whether undefined, is staged as NULL without asking `write`. */
  readonly nullIsNull: boolean;
  readonly undefinedIsNull: boolean;
}

export interface TupleShape {
  readonly columns: readonly TupleColumn[];
  /** The ordinal is the first field; without it a tuple is a row of the target. */
  readonly withOrdinal: boolean;
}

/** Bytes that fields of fixed size may take past the limit of a target, which writers of variable size check. */
export function tupleReserve(columns: number): number {
  return 2 + FIXED_FIELD_BYTES * (columns + 2);
}

/** Generated code where the runtime allows it, closures otherwise; both write the same tuples. */
export function tupleFunction(shape: TupleShape): TupleFunction {
  return canGenerate() ? generatedTuple(shape) : composedTuple(shape);
}

/** A loop over the columns' writers. */
export function composedTuple({ columns, withOrdinal }: TupleShape): TupleFunction {
  const fields = columns.length;
  return (record, ordinal, target, start) => {
    if (start > target.limit) return NO_ROOM;
    let at = startTuple(target, start, { fields, ordinal, withOrdinal });
    for (const { property, write } of columns) {
      at = write(propertyOf(record, property), ordinal, target, at);
      if (at === NO_ROOM) return NO_ROOM;
    }
    return at;
  };
}

interface TupleStart {
  /** How many there are, the ordinal not counted. */
  readonly fields: number;
  readonly ordinal: number;
  readonly withOrdinal: boolean;
}

/** The number of fields, and the ordinal as the first of them. */
export function startTuple(
  { view }: TupleTarget,
  at: number,
  { fields, ordinal, withOrdinal }: TupleStart,
): number {
  view.setInt16(at, withOrdinal ? fields + 1 : fields);
  if (!withOrdinal) return at + 2;
  view.setInt32(at + 2, 8);
  setSafeInteger(view, at + 6, ordinal);
  return at + 2 + FIXED_FIELD_BYTES;
}

/** The field of NULL. */
export function writeNull({ view }: TupleTarget, at: number): number {
  view.setInt32(at, -1);
  return at + 4;
}

/**
 * Straight-line code with the properties as literals. Names reach the source through JSON.stringify
 * only; everything else of the outside world comes in through the parameters.
 */
export function generatedTuple({ columns, withOrdinal }: TupleShape): TupleFunction {
  const scope: Readonly<Record<string, unknown>> = {
    isSafeInteger: Number.isSafeInteger,
    hasOwn: Object.hasOwn,
    writeShortAscii,
    ...Object.fromEntries(columns.flatMap(scopeOf)),
  };
  const source = [
    '"use strict";',
    'return (record, ordinal, target, start) => {',
    'if (start > target.limit) return -1;',
    'const { bytes, view } = target;',
    'let at = start, end = 0, ms = 0;',
    `view.setInt16(at, ${columns.length + (withOrdinal ? 1 : 0)}); at += 2;`,
    ...(withOrdinal
      ? [
          'view.setInt32(at, 8); view.setInt32(at + 4, Math.floor(ordinal / 4294967296)); view.setInt32(at + 8, ordinal); at += 12;',
        ]
      : []),
    ...columns.map(columnSource),
    'return at;',
    '};',
  ].join('\n');
  return new Function(...Object.keys(scope), source)(...Object.values(scope)) as TupleFunction;
}

function scopeOf({ write, codec }: TupleColumn, i: number): [string, unknown][] {
  return [
    [`write${i}`, write],
    [`maxLength${i}`, codec.maxLength ?? Number.MAX_SAFE_INTEGER],
  ];
}

function columnSource(column: TupleColumn, i: number): string {
  const value = `v${i}`;
  const read = `const ${value} = ${propertySource(column.property)};`;
  const branches: string[] = [];
  const path = column.native ? column.codec.native?.path : undefined;
  if (path !== undefined && !column.noted) {
    const { when, write } = TUPLE_PATHS[path];
    branches.push(`if (${filled(when, i)}) { ${filled(write, i)} }`);
  }
  const isNull = '{ view.setInt32(at, -1); at += 4; }';
  if (column.nullIsNull) branches.push(`if (${value} === null) ${isNull}`);
  if (column.undefinedIsNull) branches.push(`if (${value} === undefined) ${isNull}`);
  branches.push(`{ at = write${i}(${value}, ordinal, target, at); if (at === -1) return -1; }`);
  return `${read}\n${branches.join('\nelse ')}`;
}
