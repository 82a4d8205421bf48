import { RelytError } from '../errors.ts';
import type { StagedFile } from '../staging/staged-file.ts';

/** A staged file that still takes records. */
export interface OpenFile {
  readonly fileId: number;
  readonly lane: number;
  readonly key: string;
  readonly staged: StagedFile;
  readonly firstOrdinal: number;
  lastOrdinal: number;
}

export interface LaneLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
  /** Longest time a file stays open, in milliseconds. */
  readonly maxAgeMs: number;
}

export interface LaneFiles {
  open(lane: number, firstOrdinal: number): OpenFile;
  /** Takes over a full, old or flushed file; the lane goes on with a new one at once. */
  close(file: OpenFile): void;
}

/**
 * The writing end of one lane: appends lines to its open file and rotates by records, bytes and age.
 * Synchronous on purpose, so that concurrent insert() calls interleave by whole records.
 */
export class LaneWriter {
  readonly #lane: number;
  readonly #limits: LaneLimits;
  readonly #files: LaneFiles;
  #open: OpenFile | undefined;
  #ageTimer: NodeJS.Timeout | undefined;

  constructor(lane: number, limits: LaneLimits, files: LaneFiles) {
    this.#lane = lane;
    this.#limits = limits;
    this.#files = files;
  }

  append(line: string, ordinal: number): void {
    const file = this.#open ?? this.#begin(ordinal);
    file.staged.append(line);
    file.lastOrdinal = ordinal;
    const { maxRecords, maxBytes } = this.#limits;
    if (file.staged.records >= maxRecords || file.staged.bytes >= maxBytes) this.rotate();
  }

  /** The file that must get a buffer before more is appended, if any. */
  get blocked(): StagedFile | undefined {
    return this.#open?.staged.blocked ? this.#open.staged : undefined;
  }

  /** Closes the open file; nothing to do when there is none. */
  rotate(): void {
    const file = this.#open;
    if (file === undefined) return;
    this.#open = undefined;
    clearTimeout(this.#ageTimer);
    this.#files.close(file);
  }

  /** Gives the open file up without closing it: the task failed or was aborted. */
  abandon(): OpenFile | undefined {
    const file = this.#open;
    this.#open = undefined;
    clearTimeout(this.#ageTimer);
    return file;
  }

  #begin(ordinal: number): OpenFile {
    const file = this.#files.open(this.#lane, ordinal);
    if (file.lane !== this.#lane)
      throw new RelytError('INTERNAL', 'a lane was given a file of another one');
    this.#open = file;
    this.#ageTimer = setTimeout(() => this.rotate(), this.#limits.maxAgeMs);
    return file;
  }
}
