/**
 * From where the source of a task is replayed, and which records of the replay are safe already. Records count, in the
 * order they are handed over: how calls divide them means nothing.
 */

/** Of a task's row: where the next process goes on. */
export interface StoredPlace {
  /** Every record up to this ordinal is frozen or kept as rejected. */
  readonly lastOrdinal: number;
  /** Undefined when none was reached. */
  readonly position: unknown;
  /** Ordinal of the last record before `position`, or 0 before the first one; null when it is `lastOrdinal`. */
  readonly replayAfter: number | null;
}

/** What a closed generation stores of its source. */
export interface ReachedPlace {
  /** Undefined when none was reached since the generation before. */
  readonly position: unknown;
  /** Ordinal of the last record before the newest position; 0 for the beginning of the source. */
  readonly positionOrdinal: number;
  readonly replayAfter: number | null;
  /** Where the source is after the call that brought the last of the records; undefined when that is not known. */
  readonly filePosition: unknown;
}

const BEGINNING: StoredPlace = { lastOrdinal: 0, position: undefined, replayAfter: null };

/**
 * A generation may be closed inside a call that gives a position: its records are safe, and the position before them
 * has them replayed. So a resume numbers the replayed records as they were numbered before, and skips those
 * that have the number of a safe one (G1).
 */
export class SourcePlace {
  /** Records up to this ordinal were safe when the process began. */
  readonly safeThrough: number;
  /** The records that are handed over next come after this ordinal. */
  readonly replayAfter: number;
  /** Of the newest position, the beginning of the source included. */
  #ordinal: number;
  /** Without positions a source goes on after the last ordinal: by itself it replays nothing. */
  #givesPositions: boolean;
  #closedThrough: number;
  #coming: unknown;
  #reached: unknown;

  constructor({ lastOrdinal, position, replayAfter }: StoredPlace = BEGINNING) {
    this.safeThrough = lastOrdinal;
    this.replayAfter = replayAfter ?? lastOrdinal;
    this.#ordinal = this.replayAfter;
    this.#givesPositions = position !== undefined || replayAfter !== null;
    this.#closedThrough = lastOrdinal;
  }

  /** A record with this ordinal is frozen, or kept as rejected: it is not taken again. */
  isSafe(ordinal: number): boolean {
    return ordinal <= this.safeThrough;
  }

  /** How many of the safe records a replay that came to this ordinal still lacks; 0 when nothing is replayed at all. */
  lacking(ordinal: number): number {
    return ordinal === this.replayAfter ? 0 : Math.max(0, this.safeThrough - ordinal);
  }

  /** The records that come now bring the source to this position. */
  headsFor(position: unknown): void {
    this.#givesPositions = true;
    this.#coming = position;
  }

  /** Every record up to this ordinal comes before the position. */
  reached(position: unknown, ordinal: number): void {
    this.#givesPositions = true;
    this.#coming = undefined;
    this.#reached = position;
    this.#ordinal = ordinal;
  }

  /**
   * A generation is closed. Undefined when it brings nothing that is worth a transaction.
   * @param lastOrdinal its last one; 0 when it has no records
   */
  closed(lastOrdinal: number): ReachedPlace | undefined {
    const position = this.#reached;
    if (lastOrdinal === 0 && position === undefined) return undefined;
    this.#reached = undefined;
    this.#closedThrough = Math.max(this.#closedThrough, lastOrdinal);
    const isBehind = this.#givesPositions && this.#ordinal < this.#closedThrough;
    return {
      position,
      positionOrdinal: this.#ordinal,
      replayAfter: isBehind ? this.#ordinal : null,
      filePosition: this.#coming === undefined ? position : this.#coming,
    };
  }
}
