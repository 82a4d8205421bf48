/** What a call of `insert()` says beside its records. */
export interface InsertOptions<Position = unknown> {
  /**
   * Where the source is after these records, as JSON: an offset, a line number. Stored once the last of them is
   * safe; after a crash it says from where to replay. From there the source has to give the same records in the same
   * order, rejected ones and those without a position included, because some of them may be safe already and are skipped
   * over by their number; it may divide them otherwise. Calls that give positions must not overlap.
   */
  readonly position?: Position;
  /** The line of each of these records in the source, 1-based, in their order: kept with those that are rejected. */
  readonly lines?: readonly number[];
  /**
   * Ends this call alone: no further record is taken, the source is closed, and `insert()` rejects with INSERT_ABORTED.
   * Its `details.records` says how many records were taken: they are loaded, the task goes on, and the position counts
   * as not reached.
   */
  readonly signal?: AbortSignal | undefined;
}
