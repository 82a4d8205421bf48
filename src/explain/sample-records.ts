import type { Repertoire } from '../core/repertoire.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import { RelytError } from '../errors.ts';
import { createRecordEncoder } from '../records/encoder.ts';
import { type ColumnsOption, type RecordMapping, resolveMapping } from '../records/mapping.ts';

export interface SampledRecords {
  /** Columns that get values, as the first record decides it. */
  readonly columns: readonly TargetColumn[];
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
  }: {
    readonly table: TargetTable;
    readonly columns?: ColumnsOption | undefined;
    readonly repertoire?: Repertoire | undefined;
  },
): SampledRecords {
  const refusals: RelytError[] = [];
  const mapping = firstMapping(records, { table, columns }, refusals);
  const encoder = createRecordEncoder({ table, mapping, lanes: 1, repertoire });
  const passed = refusals.length;
  for (const [n, record] of records.slice(passed).entries()) {
    const refusal = refusalOf(() => encoder.encode(record, passed + n + 1));
    if (refusal !== undefined) refusals.push(refusal);
  }
  return {
    columns: mapping.columns.map(({ column }) => column),
    records: records.length,
    refused: refusals.length,
    firstRefusal: refusals[0]?.message ?? null,
  };
}

/** What is no object is rejected, and the next one decides. */
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
    refusals[0] ?? new RelytError('CONFIG_INVALID', 'no record is there to tell the columns from')
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
