/** Which layout the records of a load are written in, and the encoder for it. */

import { type ColumnForm, CSV, type Layout } from '../core/layout.ts';
import type { ColumnType, TargetColumn } from '../core/target-table.ts';
import { codecOf } from './codecs/codec-of.ts';
import { isVector } from './codecs/vector.ts';
import { createRecordEncoder, type EncoderOptions } from './encoder.ts';
import { FieldLineEncoder } from './field-line-encoder.ts';
import type { RecordEncoder } from './record-encoder.ts';
import { TupleEncoder } from './tuple-encoder.ts';

export interface LayoutRules {
  /** The setting `layout`. */
  readonly wanted: 'auto' | Layout['format'];
  /** Whether the database reads tuples of binary COPY. */
  readonly readsBinary: boolean;
  /** Whether rows of these columns may be streamed straight into the target; never where left out. */
  readonly goesStraight?: (columns: readonly TargetColumn[]) => boolean;
}

/**
 * The layout of the first files. Text in a binary file passes no check of what a database can store, so one in another
 * encoding than UTF8 gets CSV.
 */
export function firstLayout(
  { mapping, repertoire }: Pick<EncoderOptions, 'mapping' | 'repertoire'>,
  { wanted, readsBinary, goesStraight }: LayoutRules,
): Layout {
  if (wanted === 'csv' || !readsBinary || repertoire !== undefined) return CSV;
  const columns = mapping.columns.map(({ column }) => column);
  const forms = columns.map(formOfColumn);
  if (columns.every(isReceivedAsAssigned) && !forms.includes('text') && goesStraight?.(columns))
    return { format: 'tuples', forms };
  const isWorthIt = wanted === 'binary' || forms.includes('native');
  return isWorthIt ? { format: 'binary', forms } : CSV;
}

/** The layout with one more column as text; the rows are no longer those of the target then, so they get ordinals. */
export function withTextColumn(layout: Layout, column: number): Layout {
  if (layout.format === 'csv') return layout;
  return { format: 'binary', forms: layout.forms.with(column, 'text') };
}

/** The encoder of records in this layout. */
export function encoderFor(options: EncoderOptions, layout: Layout): RecordEncoder {
  if (layout.format === 'csv') {
    // Characters that cannot be stored are looked for in text.
    const isAnyStored = options.repertoire === undefined;
    return isAnyStored ? new FieldLineEncoder(options) : createRecordEncoder(options);
  }
  return new TupleEncoder({ ...options, layout });
}

/**
 * COPY applies the modifier of a type as it receives a value, INSERT as it assigns one. For types of the server these are
 * the same (test/integration/records/straight-forms.test.ts); of those of extensions it is not shown.
 */
function isReceivedAsAssigned({ type }: TargetColumn): boolean {
  return type.typmod === -1 || schemaOf(type) === 'pg_catalog';
}

function schemaOf(type: ColumnType): string {
  return (type.element ?? type).schema ?? 'pg_catalog';
}

/** A type of another schema that is called like a built-in one may read other bytes. */
function formOfColumn({ type }: TargetColumn): ColumnForm {
  const { name } = type.element ?? type;
  const isKnown = schemaOf(type) === 'pg_catalog' || name === 'citext' || isVector(name);
  return isKnown && codecOf(type).native !== undefined ? 'native' : 'text';
}
