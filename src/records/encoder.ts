/** A record becomes a line of the staged CSV. One encoder per task: it is compiled from the target's columns. */

import { CSV } from '../core/layout.ts';
import type { Repertoire } from '../core/repertoire.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import { codecOf } from './codecs/codec-of.ts';
import { type FieldOptions, fieldWriter, undefinedIsNull } from './column-field.ts';
import { keptFields } from './field-row.ts';
import { type LaneHash, laneKey } from './lanes.ts';
import { LongFields } from './long-fields.ts';
import type { MappedColumn, RecordMapping } from './mapping.ts';
import { RecordCheck } from './record-check.ts';
import type { RecordEncoder } from './record-encoder.ts';
import { type RowColumn, type RowFunction, rowFunction } from './row-function.ts';
import { StorableEncoder } from './storable-encoder.ts';

export interface EncoderOptions {
  readonly table: TargetTable;
  readonly mapping: RecordMapping;
  /** How many lanes records are spread over, at least 1. */
  readonly lanes: number;
  /** What the database can store; undefined when that is every character. */
  readonly repertoire?: Repertoire | undefined;
}

export function createRecordEncoder(options: EncoderOptions): RecordEncoder<string> {
  const encoder = lineEncoder(options);
  const { repertoire } = options;
  return repertoire === undefined ? encoder : new StorableEncoder(encoder, repertoire);
}

function lineEncoder(options: EncoderOptions): RecordEncoder<string> {
  const staged = options.mapping.columns.map(({ column }) => column);
  if (options.lanes > 1 && options.table.key.length === 0) {
    return new KeylessEncoder(options);
  }
  const { columns, hash } = laneKey(options.table, staged, options.lanes);
  return hash === undefined ? new LineEncoder(options) : new KeyedEncoder(options, columns, hash);
}

/** One lane. */
class LineEncoder implements RecordEncoder<string> {
  readonly layout = CSV;
  readonly #row: RowFunction;
  readonly #check: RecordCheck;
  readonly #longFields = new LongFields();

  constructor(
    { mapping }: EncoderOptions,
    keyed: readonly TargetColumn[] = [],
    onKeyText?: (text: string) => void,
  ) {
    this.#check = new RecordCheck(mapping);
    this.#row = rowFunction(
      mapping.columns.map((mapped) =>
        rowColumn(mapped, {
          onKeyText: keyed.includes(mapped.column) ? onKeyText : undefined,
          longFields: this.#longFields,
        }),
      ),
    );
  }

  get columns(): readonly TargetColumn[] {
    return this.#check.columns;
  }

  get lane(): number {
    return 0;
  }

  get longFields(): readonly (readonly Buffer[])[] {
    return this.#longFields.fields;
  }

  encode(record: unknown, ordinal: number): string {
    this.#longFields.start();
    return this.#check.encoded(keptFields(record), ordinal, this.#row);
  }
}

/** Several lanes, chosen by the key. */
class KeyedEncoder extends LineEncoder {
  readonly #hash: LaneHash;

  constructor(options: EncoderOptions, keyed: readonly TargetColumn[], hash: LaneHash) {
    super(options, keyed, (text) => hash.add(text));
    this.#hash = hash;
  }

  override get lane(): number {
    return this.#hash.lane;
  }

  override encode(record: unknown, ordinal: number): string {
    this.#hash.start();
    return super.encode(record, ordinal);
  }
}

/** Several lanes and no key: any lane will do, so they take turns. */
class KeylessEncoder extends LineEncoder {
  readonly #lanes: number;
  #lane = 0;

  constructor(options: EncoderOptions) {
    super(options);
    this.#lanes = options.lanes;
  }

  override get lane(): number {
    return this.#lane;
  }

  override encode(record: unknown, ordinal: number): string {
    this.#lane = ordinal % this.#lanes;
    return super.encode(record, ordinal);
  }
}

function rowColumn(
  { column, property }: MappedColumn,
  { onKeyText, longFields }: Pick<FieldOptions, 'onKeyText' | 'longFields'>,
): RowColumn {
  const codec = codecOf(column.type);
  return {
    property,
    codec,
    write: fieldWriter({ column, codec, onKeyText, longFields }),
    noted: onKeyText !== undefined,
    nullIsNull: !column.notNull,
    undefinedIsNull: undefinedIsNull(column),
  };
}
