/** The ordinals of the rows of a file that holds none: they go up by one from the first, except for the gaps. */
export interface RowOrdinals {
  /** Of the first row. */
  readonly first: number;
  /** Ordinals behind the first that no row has, ascending: those of records that were rejected meanwhile. */
  readonly gaps: readonly number[];
}

/**
 * Where the gaps come as rows are counted: the row numbered n, from `first` on and as if there were no gaps, has the
 * ordinal n plus the number of thresholds that are not above n.
 */
export function gapThresholds({ gaps }: RowOrdinals): readonly number[] {
  return gaps.map((gap, before) => gap - before);
}

/** Whether these are the ordinals of so many rows of which the last one has this ordinal. */
export function areOrdinalsOf(
  { first, gaps }: RowOrdinals,
  { records, last }: { readonly records: number; readonly last: number },
): boolean {
  const ascend = gaps.every((gap, n) => gap > (gaps[n - 1] ?? first) && gap < last);
  return ascend && last - first + 1 - gaps.length === records;
}
