/** What became of the records of one import. Guarantee G2: they add up, or the import is rolled back. */
export interface ImportCounts {
  /** Records written to the files of the import. */
  readonly records: number;
  readonly inserted: number;
  readonly updated: number;
  /** Left out because the key was there before (`onConflict: 'nothing'`). */
  readonly skipped: number;
  /** Left out because another record of the same import has the same key and wins. */
  readonly superseded: number;
  readonly rejected: number;
}

/** How duplicates of a key are resolved; `insert` is a table without a usable key, or `onConflict: 'error'`. */
export type ConflictMode = 'insert' | 'update' | 'nothing';

/** What the database reports of one import statement. */
export interface StatementCounts {
  /** Rows read from the staged files. */
  readonly read: number;
  /** Rows left when each key keeps its winner only. */
  readonly winners: number;
  /** Rows inserted or updated. */
  readonly written: number;
  /** Of the written ones, those that were new. */
  readonly inserted: number;
  /** Rows left out because the database refuses them; not among those read. */
  readonly rejected: number;
}

/** Turns the statement's counts into the account of the import. */
export function accountFor(
  mode: ConflictMode,
  records: number,
  counts: StatementCounts,
): ImportCounts {
  return {
    records,
    inserted: counts.inserted,
    updated: counts.written - counts.inserted,
    skipped: mode === 'nothing' ? counts.winners - counts.written : 0,
    superseded: counts.read - counts.winners,
    rejected: counts.rejected,
  };
}

/** Undefined when every record is accounted for, else what is wrong, as a sentence. */
export function countMismatch(counts: ImportCounts): string | undefined {
  const parts = [
    counts.inserted,
    counts.updated,
    counts.skipped,
    counts.superseded,
    counts.rejected,
  ];
  const accounted = parts.reduce((sum, part) => sum + part, 0);
  if (accounted === counts.records && parts.every((part) => part >= 0)) return undefined;
  return (
    `${counts.records} records were staged, but the import accounts for ${accounted}: ` +
    `${counts.inserted} inserted, ${counts.updated} updated, ${counts.skipped} skipped, ` +
    `${counts.superseded} superseded, ${counts.rejected} rejected.`
  );
}
