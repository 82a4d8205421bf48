/** A record becomes a tuple of binary COPY. One encoder per task and layout: it is compiled from the target's columns. */

import type { Layout } from '../core/layout.ts';
import type { TargetColumn } from '../core/target-table.ts';
import { codecOf } from './codecs/codec-of.ts';
import { undefinedIsNull } from './column-field.ts';
import type { EncoderOptions } from './encoder.ts';
import { FieldRow } from './field-row.ts';
import { fieldTuple } from './field-tuple.ts';
import { LaneRows } from './lane-rows.ts';
import { type LaneKey, laneKey } from './lanes.ts';
import { RecordCheck } from './record-check.ts';
import type { RecordEncoder } from './record-encoder.ts';
import { tupleFieldReader, tupleFieldWriter } from './tuple-field.ts';
import {
  type TupleColumn,
  type TupleFunction,
  type TupleShape,
  tupleFunction,
} from './tuple-row.ts';
import type { TupleRows } from './tuple-rows.ts';

export interface TupleOptions extends Omit<EncoderOptions, 'repertoire'> {
  readonly layout: Exclude<Layout, { readonly format: 'csv' }>;
}

export class TupleEncoder implements RecordEncoder<TupleRows> {
  readonly layout: Layout;
  readonly #check: RecordCheck;
  readonly #rows: LaneRows<object>;
  readonly #add: (record: object, ordinal: number) => TupleRows;
  readonly longFields: readonly never[] = [];

  constructor(options: TupleOptions) {
    const { mapping, lanes, table, layout } = options;
    this.layout = layout;
    this.#check = new RecordCheck(mapping);
    const key = laneKey(table, this.#check.columns, lanes);
    const columns = tupleColumns(options, key);
    const write = eitherTuple({ columns, withOrdinal: layout.format === 'binary' });
    const rows = new LaneRows({ lanes, columns: columns.length, write, hash: key.hash });
    this.#rows = rows;
    this.#add = (record, ordinal) => rows.add(record, ordinal) as TupleRows;
  }

  get columns(): readonly TargetColumn[] {
    return this.#check.columns;
  }

  get lane(): number {
    return this.#rows.lane;
  }

  encode(record: unknown, ordinal: number): TupleRows {
    return this.#check.encoded(record, ordinal, this.#add);
  }
}

/** Of records of both kinds. */
function eitherTuple(shape: TupleShape): TupleFunction {
  const ofObject = tupleFunction(shape);
  const ofRow = fieldTuple(shape);
  return (record, ordinal, target, at) =>
    record instanceof FieldRow
      ? ofRow(record, ordinal, target, at)
      : ofObject(record, ordinal, target, at);
}

function tupleColumns(
  { mapping, layout: { forms } }: TupleOptions,
  key: LaneKey,
): readonly TupleColumn[] {
  return mapping.columns.map(({ column, property }, index) => {
    const codec = codecOf(column.type);
    const form = forms[index] ?? 'text';
    const lane = key.columns.includes(column) ? key.hash : undefined;
    const options = { column, index, codec, form, lane };
    return {
      property,
      codec,
      read: tupleFieldReader(options),
      readArray: form === 'native' && lane === undefined ? codec.native?.readArray : undefined,
      write: tupleFieldWriter(options),
      native: form === 'native',
      noted: lane !== undefined,
      nullIsNull: !column.notNull,
      undefinedIsNull: undefinedIsNull(column),
    };
  });
}
