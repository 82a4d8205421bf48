/** Whether the table still is the one that a task's imports wrote to, with their rows. Pure. */

/** What the newest import of a task wrote to; null where it did not say, as those of older versions. */
export interface WrittenTarget {
  readonly table: number | null;
  /** Of the second table that it, or an import before it, wrote to. */
  readonly auxiliary: number | null;
  /** Of a row that is lost together with the rows of an unlogged table. */
  readonly marker: string | null;
}

/** What is there now. */
export interface FoundTarget {
  /** Undefined when there is none of this name. */
  readonly table: number | undefined;
  /** The second table is there, if one was written to. */
  readonly auxiliaryThere: boolean;
  readonly markerThere: boolean;
}

/** Which of the task's rows are gone: those of one table, or of both. */
export type LostRows =
  | { readonly of: 'table' | 'auxiliary' | 'both'; readonly why: 'replaced' }
  | { readonly of: 'unlogged'; readonly why: 'emptied' };

/** Undefined when the rows are where they were written. All imports agree with the newest one, so it stands for all. */
export function lostRows(written: WrittenTarget, found: FoundTarget): LostRows | undefined {
  const table = written.table !== null && written.table !== found.table;
  const auxiliary = written.auxiliary !== null && !found.auxiliaryThere;
  if (table && auxiliary) return { of: 'both', why: 'replaced' };
  if (table) return { of: 'table', why: 'replaced' };
  if (auxiliary) return { of: 'auxiliary', why: 'replaced' };
  if (written.marker !== null && !found.markerThere) return { of: 'unlogged', why: 'emptied' };
  return undefined;
}

/** In words; completes "the database …". */
export function howLost({ of, why }: LostRows, table: string): string {
  // A partition of it may be the part, or the auxiliary table.
  if (why === 'emptied')
    return `has emptied ${table}, which is unlogged or has a part that is, in a crash`;
  const which = of === 'auxiliary' ? `the auxiliary table of ${table}` : table;
  return `has another table ${which} than the one that was loaded, which was dropped or renamed`;
}
