/** From where a source must be read again when staged files are lost. Pure. */

/** A frozen file, by what tells where its records are. */
export interface PlacedFile {
  readonly fileId: number;
  /** Null before it was frozen. */
  readonly firstOrdinal: number | null;
  /** The newest position that was reached when it was closed; null when none was since the file before. */
  readonly position: unknown;
  /** Ordinal of the last record before that position. */
  readonly positionOrdinal: number | null;
}

export interface ReplayPoint {
  /** Number, in the task, of the first record that is missing. */
  readonly record: number;
  /** The newest position before it; undefined for the beginning of the source. */
  readonly position: unknown;
}

/** @param lost ids of files that cannot be imported; undefined where none of them was frozen */
export function replayPoint(
  files: readonly PlacedFile[],
  lost: readonly number[],
): ReplayPoint | undefined {
  const ids = new Set(lost);
  const missing = files.filter(({ fileId, firstOrdinal }) => ids.has(fileId) && firstOrdinal);
  if (missing.length === 0) return undefined;
  const record = Math.min(...missing.map(({ firstOrdinal }) => firstOrdinal ?? 1));
  const [newest] = files
    .flatMap(({ position, positionOrdinal: ordinal }) =>
      ordinal !== null && ordinal < record ? [{ position, ordinal }] : [],
    )
    .sort((one, other) => other.ordinal - one.ordinal);
  return { record, position: newest?.position };
}

/** In words; completes "replay the source …". */
export function replayText({ record, position }: ReplayPoint): string {
  const from =
    position === undefined ? 'its beginning' : `the position ${JSON.stringify(position)}`;
  return `from ${from}, for record ${record} of the task and those after it`;
}
