/** A record becomes a tuple of binary COPY. One encoder per task and layout: it is compiled from the target's columns. */

import type { Layout } from '../core/layout.ts';
import type { TargetColumn } from '../core/target-table.ts';
import { codecOf } from './codecs/codec-of.ts';
import { undefinedIsNull } from './column-field.ts';
import type { EncoderOptions } from './encoder.ts';
import { FieldRow } from './field-row.ts';
import { fieldTuple } from './field-tuple.ts';
import { LaneHash, laneColumns } from './lanes.ts';
import { RecordCheck } from './record-check.ts';
import type { RecordEncoder } from './record-encoder.ts';
import { tupleFieldReader, tupleFieldWriter } from './tuple-field.ts';
import {
  type TupleColumn,
  type TupleFunction,
  type TupleShape,
  tupleFunction,
} from './tuple-row.ts';
import { TupleRows } from './tuple-rows.ts';

export interface TupleOptions extends Omit<EncoderOptions, 'repertoire'> {
  readonly layout: Exclude<Layout, { readonly format: 'csv' }>;
}

/** Rows of all lanes; which one a record belongs to is known when its tuple is written. */
export class TupleEncoder implements RecordEncoder<TupleRows> {
  readonly layout: Layout;
  readonly #check: RecordCheck;
  readonly #tuple: TupleFunction;
  readonly #lanes: readonly TupleRows[];
  readonly #add: (record: object, ordinal: number) => TupleRows;
  readonly longFields: readonly never[] = [];
  #lane = 0;

  constructor(options: TupleOptions) {
    const { mapping, lanes, table, layout } = options;
    this.layout = layout;
    this.#check = new RecordCheck(mapping);
    this.#lanes = Array.from({ length: lanes }, () => new TupleRows(mapping.columns.length));
    const keyed = lanes > 1 ? laneColumns(table, this.#check.columns) : [];
    const hash = keyed.length > 0 ? new LaneHash(lanes) : undefined;
    const columns = tupleColumns(options, keyed, hash);
    this.#tuple = eitherTuple({ columns, withOrdinal: layout.format === 'binary' });
    this.#add = hash === undefined ? this.#byTurns() : this.#byKey(hash);
  }

  get columns(): readonly TargetColumn[] {
    return this.#check.columns;
  }

  get lane(): number {
    return this.#lane;
  }

  encode(record: unknown, ordinal: number): TupleRows {
    return this.#check.encoded(record, ordinal, this.#add);
  }

  /** No key decides, so lanes take turns. */
  #byTurns(): (record: object, ordinal: number) => TupleRows {
    const lanes = this.#lanes.length;
    return (record, ordinal) => {
      this.#lane = ordinal % lanes;
      const rows = this.#rowsOf(this.#lane);
      rows.add(this.#tuple, record, ordinal);
      return rows;
    };
  }

  #byKey(hash: LaneHash): (record: object, ordinal: number) => TupleRows {
    const row = new TupleRows(this.columns.length);
    const tuple: TupleFunction = (record, ordinal, target, at) => {
      // Once more from the start when the target was too small.
      hash.start();
      return this.#tuple(record, ordinal, target, at);
    };
    return (record, ordinal) => {
      row.add(tuple, record, ordinal);
      this.#lane = hash.lane;
      const rows = this.#rowsOf(this.#lane);
      rows.take(row);
      return rows;
    };
  }

  #rowsOf(lane: number): TupleRows {
    return this.#lanes[lane] as TupleRows;
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
  keyed: readonly TargetColumn[],
  hash: LaneHash | undefined,
): readonly TupleColumn[] {
  return mapping.columns.map(({ column, property }, index) => {
    const codec = codecOf(column.type);
    const form = forms[index] ?? 'text';
    const lane = keyed.includes(column) ? hash : undefined;
    const options = { column, index, codec, form, lane };
    return {
      property,
      codec,
      read: tupleFieldReader(options),
      write: tupleFieldWriter(options),
      native: form === 'native',
      noted: lane !== undefined,
      nullIsNull: !column.notNull,
      undefinedIsNull: undefinedIsNull(column),
    };
  });
}
