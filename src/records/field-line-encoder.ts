import { CSV } from '../core/layout.ts';
import type { TargetColumn } from '../core/target-table.ts';
import { codecOf } from './codecs/codec-of.ts';
import { fieldWriter } from './column-field.ts';
import { createRecordEncoder, type EncoderOptions } from './encoder.ts';
import { fieldLine, type LineColumn } from './field-line.ts';
import { FieldRow } from './field-row.ts';
import { LaneRows } from './lane-rows.ts';
import { type LaneKey, laneKey } from './lanes.ts';
import { LongFields } from './long-fields.ts';
import type { EncodedRow, RecordEncoder } from './record-encoder.ts';
import { rowFit } from './row-fit.ts';
import type { TupleRows } from './tuple-rows.ts';

const NONE: readonly never[] = [];

/**
 * Lines of CSV: those of a file's rows go from bytes to bytes, those of other records are texts. Both are the same
 * lines.
 */
export class FieldLineEncoder implements RecordEncoder {
  readonly layout = CSV;
  readonly #texts: RecordEncoder<string>;
  readonly #rows: LaneRows<FieldRow>;
  readonly #fits: (row: FieldRow) => boolean;
  #isText = true;

  constructor(options: EncoderOptions) {
    this.#texts = createRecordEncoder(options);
    this.#fits = rowFit(options.mapping);
    const { lanes, table } = options;
    const key = laneKey(table, this.columns, lanes);
    const { hash } = key;
    const longFields = new LongFields();
    const columns = lineColumns(options, key, longFields);
    const isSpread = hash !== undefined || table.key.length === 0;
    this.#rows = new LaneRows({
      lanes: isSpread ? lanes : 1,
      columns: columns.length,
      write: fieldLine(columns, longFields),
      hash,
    });
  }

  get columns(): readonly TargetColumn[] {
    return this.#texts.columns;
  }

  get lane(): number {
    return this.#isText ? this.#texts.lane : this.#rows.lane;
  }

  get longFields(): readonly (readonly Buffer[])[] {
    return this.#isText ? this.#texts.longFields : NONE;
  }

  encode(record: unknown, ordinal: number): EncodedRow {
    const rows = this.#added(record, ordinal);
    this.#isText = rows === undefined;
    return rows ?? this.#texts.encode(record, ordinal);
  }

  /** Undefined for what has to become text. */
  #added(record: unknown, ordinal: number): TupleRows | undefined {
    if (!(record instanceof FieldRow) || !this.#fits(record)) return undefined;
    return this.#rows.add(record, ordinal);
  }
}

/** The lane is decided by the text of a key, so that is made of each. */
function lineColumns(
  { mapping }: EncoderOptions,
  key: LaneKey,
  longFields: LongFields,
): readonly LineColumn[] {
  return mapping.columns.map(({ column, property }) => {
    const codec = codecOf(column.type);
    const isKey = key.columns.includes(column);
    const onKeyText = isKey ? (text: string) => key.hash?.add(text) : undefined;
    return {
      property,
      isKept: isKey ? undefined : codec.isKept,
      write: fieldWriter({ column, codec, onKeyText, longFields }),
      nullIsNull: !column.notNull,
    };
  });
}
