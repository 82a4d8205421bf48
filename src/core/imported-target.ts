/** Whether the tables still are those that hold the rows of a task's imports. Pure. */

/** What the newest import of a task wrote to; null where it did not say, as those of older versions. */
export interface WrittenTarget {
  readonly table: number | null;
  /** Of the second table that it, or an import before it, wrote to. */
  readonly auxiliary: number | null;
  /** Number of the last move of the table before the first import of the task; null before that. */
  readonly movesBefore: number | null;
  /** The same before the last import that wrote to the second table. */
  readonly auxiliaryMoves: number | null;
  /** Of a row that is lost together with the rows of an unlogged table. */
  readonly marker: string | null;
}

/** Of a task without an import. */
export const NOTHING_WRITTEN: WrittenTarget = {
  table: null,
  auxiliary: null,
  movesBefore: null,
  auxiliaryMoves: null,
  marker: null,
};

/** An auxiliary table of the target that moves have changed, there still or not. */
export interface MovedRows {
  readonly auxiliary: number;
  /** Number of the last move that brought rows into it. */
  readonly filled: number | null;
  /** Number of the last move that left it without any. */
  readonly emptied: number | null;
}

/** What is there now. */
export interface FoundTarget {
  /** Null when there is none of this name. */
  readonly foundTable: number | null;
  /** Null when there is none of the name of a second one. */
  readonly foundAuxiliary: number | null;
  readonly moved: readonly MovedRows[];
  readonly markerThere: boolean;
}

/** Which of the task's rows are gone: those of one table, or of both. */
export type LostRows =
  | { readonly of: 'table' | 'auxiliary' | 'both'; readonly why: 'replaced' }
  | { readonly of: 'unlogged'; readonly why: 'emptied' };

/** Undefined when the rows are where they are to be. All imports agree with the newest one, so it stands for all. */
export function lostRows(written: WrittenTarget, found: FoundTarget): LostRows | undefined {
  const table = written.table !== null && written.table !== found.foundTable;
  const auxiliary = tablesBeside(written, found.moved).some((oid) => oid !== found.foundAuxiliary);
  if (table && auxiliary) return { of: 'both', why: 'replaced' };
  if (table) return { of: 'table', why: 'replaced' };
  if (auxiliary) return { of: 'auxiliary', why: 'replaced' };
  if (written.marker !== null && !found.markerThere) return { of: 'unlogged', why: 'emptied' };
  return undefined;
}

/** The auxiliary tables in which rows of the task may be: its imports wrote them there, or moves brought them. */
export function tablesBeside(written: WrittenTarget, moved: readonly MovedRows[]): number[] {
  const { auxiliary, movesBefore, auxiliaryMoves } = written;
  const holding = moved.filter((one) => {
    const arrived = movesBefore !== null && isPast(one.filled, movesBefore);
    return arrived && isPast(one.filled, one.emptied);
  });
  const oids = new Set(holding.map((one) => one.auxiliary));
  const known = moved.find((one) => one.auxiliary === auxiliary);
  const isEmptied = auxiliaryMoves !== null && isPast(known?.emptied, auxiliaryMoves);
  if (auxiliary !== null && !isEmptied) oids.add(auxiliary);
  return [...oids];
}

/** Number of the last move of the target; 0 before the first one. */
export function lastMove(moved: readonly MovedRows[]): number {
  return Math.max(0, ...moved.flatMap(({ filled, emptied }) => [filled ?? 0, emptied ?? 0]));
}

function isPast(move: number | null | undefined, other: number | null): boolean {
  return (move ?? 0) > (other ?? 0);
}

/** In words; completes "the database …". */
export function howLost({ of, why }: LostRows, table: string): string {
  // A partition of it may be the part, or the auxiliary table.
  if (why === 'emptied')
    return `has emptied ${table}, which is unlogged or has a part that is, in a crash`;
  const which = of === 'auxiliary' ? `the auxiliary table of ${table}` : table;
  return `has another table ${which} than the one that was loaded, which was dropped or renamed`;
}
