import type { Layout } from '../core/layout.ts';
import type { ColumnsOption } from '../core/record-columns.ts';
import type { Repertoire } from '../core/repertoire.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import { RelytError } from '../errors.ts';
import type { EncoderOptions } from '../records/encoder.ts';
import {
  encoderFor,
  firstLayout,
  type LayoutRules,
  withTextColumn,
} from '../records/layout-choice.ts';
import { type RecordMapping, resolveMapping } from '../records/mapping.ts';
import { TextColumnNeededError } from '../records/record-check.ts';
import type { RecordEncoder } from '../records/record-encoder.ts';

export interface SampledRecords {
  /** Columns that get values, as the first record decides it. */
  readonly columns: readonly TargetColumn[];
  /** How they would be written. */
  readonly layout: Layout;
  /** Records looked at. */
  readonly records: number;
  /** Those of them that cannot be encoded, and would be rejected. */
  readonly refused: number;
  /** Why the first of those cannot be; null when all can. */
  readonly firstRefusal: string | null;
}

/**
 * Encodes records as a load would, and keeps nothing of them.
 * @throws RelytError RECORD_INVALID when none of them tells the columns; COLUMN_…
 */
export function sampleRecords(
  records: readonly unknown[],
  {
    table,
    columns,
    repertoire,
    rules,
  }: {
    readonly table: TargetTable;
    readonly columns?: ColumnsOption | undefined;
    readonly repertoire?: Repertoire | undefined;
    readonly rules: LayoutRules;
  },
): SampledRecords {
  const refusals: RelytError[] = [];
  const mapping = firstMapping(records, { table, columns }, refusals);
  const options = { table, mapping, lanes: 1, repertoire };
  let encoder = encoderFor(options, firstLayout(options, rules));
  const passed = refusals.length;
  for (const [n, record] of records.slice(passed).entries()) {
    const refusal = refusalOf(() => {
      encoder = encoded(encoder, record, passed + n + 1, options);
    });
    if (refusal !== undefined) refusals.push(refusal);
  }
  return {
    columns: mapping.columns.map(({ column }) => column),
    layout: encoder.layout,
    records: records.length,
    refused: refusals.length,
    firstRefusal: refusals[0]?.message ?? null,
  };
}

/** Encodes a record, and returns the encoder for the next one: a value may ask for another layout. */
function encoded(
  encoder: RecordEncoder,
  record: unknown,
  ordinal: number,
  options: EncoderOptions,
): RecordEncoder {
  try {
    encoder.encode(record, ordinal);
    return encoder;
  } catch (error) {
    if (!(error instanceof TextColumnNeededError)) throw error;
    const next = encoderFor(options, withTextColumn(encoder.layout, error.column));
    return encoded(next, record, ordinal, options);
  }
}

/** What is not an object is rejected, and the next record decides. */
function firstMapping(
  records: readonly unknown[],
  source: { readonly table: TargetTable; readonly columns?: ColumnsOption | undefined },
  refusals: RelytError[],
): RecordMapping {
  for (const first of records) {
    let mapping: RecordMapping | undefined;
    const refusal = refusalOf(() => {
      mapping = resolveMapping({ ...source, first });
    });
    if (mapping !== undefined) return mapping;
    if (refusal !== undefined) refusals.push(refusal);
  }
  throw (
    refusals[0] ?? new RelytError('CONFIG_INVALID', 'There is no record to tell the columns from.')
  );
}

function refusalOf(work: () => unknown): RelytError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof RelytError && error.code === 'RECORD_INVALID') return error;
    throw error;
  }
}
