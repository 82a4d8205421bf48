import type { Layout } from '../core/layout.ts';
import type { RecordLines } from '../core/record-lines.ts';
import type { FrozenFile } from '../database/statements/file.ts';
import type { FinishedFile, RowFile, StagedRow } from '../staging/row-file.ts';

/** A staged file being written, one per lane at a time. */
export interface OpenFile {
  readonly fileId: number;
  readonly lane: number;
  readonly key: string;
  readonly staged: RowFile;
  readonly layout: Layout;
  /** Set where an import reads a whole folder. */
  readonly folder?: string;
  readonly firstOrdinal: number;
  lastOrdinal: number;
  /** Sum of its ordinals, each counted from the first: far from what a number can hold. */
  ordinalsPastFirst: number;
  /** Ordinals that it leaves out, where it holds none; see `RowOrdinals`. */
  readonly gaps: number[];
  /** Of its records in their source. */
  readonly lines: RecordLines;
}

/** Gaps are as many as records of a generation may be rejected. */
function noteGap({ layout, gaps, lastOrdinal }: OpenFile, ordinal: number): void {
  if (layout.format !== 'tuples') return;
  for (let left = lastOrdinal + 1; left < ordinal; left += 1) gaps.push(left);
}

/** Of the ordinals in a file: by it an import may see that it reads the right one. */
function ordinalSum({ firstOrdinal, ordinalsPastFirst, staged }: OpenFile): bigint {
  return BigInt(firstOrdinal) * BigInt(staged.records) + BigInt(ordinalsPastFirst);
}

/** A record on its way into a file. */
export interface Appended {
  /** As it is staged. */
  readonly row: StagedRow;
  /** What does not stand in the line, see `RecordEncoder`. */
  readonly longFields: readonly (readonly Buffer[])[];
  readonly ordinal: number;
  /** Its line in the source; undefined when that is not known. */
  readonly sourceLine?: number | undefined;
}

export interface GenerationLimits {
  /** Records of a file. */
  readonly maxRecords: number;
  /** Bytes of rows of a file. */
  readonly maxBytes: number;
  /** Files one lane fills before the generation is full; more than one where an import reads a folder. */
  readonly filesPerLane: number;
}

/**
 * The files that all lanes write at the same time, one after the other where an import reads several. They are closed together and frozen together, generation
 * after generation, so that what is frozen is always exactly "every record up to ordinal N": a resume can
 * drop the rest and have the source replayed from there, with nothing lost and nothing doubled even in a
 * table without a key.
 */
export class Generation {
  readonly number: number;
  readonly #files: OpenFile[] = [];
  readonly #finished = new Map<OpenFile, Promise<FinishedFile>>();
  /** The file that a lane writes now. */
  readonly #open = new Map<number, OpenFile>();
  /** Highest ordinal handed to it, rejected records included. */
  lastOrdinal = 0;
  #day: string | undefined;
  #full = false;
  #blocked: RowFile | undefined;

  constructor(number: number) {
    this.number = number;
  }

  get files(): readonly OpenFile[] {
    return this.#files;
  }

  /** UTC day of its first file. All carry it in their keys: those of one folder must not part at midnight. */
  get day(): string {
    this.#day ??= new Date().toISOString().slice(0, 10);
    return this.#day;
  }

  fileOf(lane: number): OpenFile | undefined {
    return this.#open.get(lane);
  }

  add(file: OpenFile): void {
    this.#files.push(file);
    this.#open.set(file.lane, file);
  }

  append(file: OpenFile, appended: Appended, limits: GenerationLimits): void {
    const { row, longFields, ordinal, sourceLine } = appended;
    file.staged.append(row, longFields);
    file.lines.add(ordinal, sourceLine);
    noteGap(file, ordinal);
    file.lastOrdinal = ordinal;
    file.ordinalsPastFirst += ordinal - file.firstOrdinal;
    this.lastOrdinal = ordinal;
    if (file.staged.blocked) this.#blocked = file.staged;
    if (file.staged.records >= limits.maxRecords || file.staged.isAtLeast(limits.maxBytes))
      this.#filled(file, limits.filesPerLane);
  }

  /** The lane goes on with another file, or the generation is full. */
  #filled(file: OpenFile, filesPerLane: number): void {
    const { lane } = file;
    if (this.#files.filter((other) => other.lane === lane).length >= filesPerLane) {
      this.#full = true;
      return;
    }
    this.#open.delete(lane);
    // Its buffers are needed for the next one. A failure is told by the finish that awaits it.
    const finished = file.staged.finish();
    finished.catch(() => undefined);
    this.#finished.set(file, finished);
  }

  /** One of its lanes has filled its files. */
  get full(): boolean {
    return this.#full;
  }

  /** A file that must get a buffer before more is appended, if any. Asked after every record, so it must be cheap. */
  get blocked(): RowFile | undefined {
    return this.#blocked?.blocked ? this.#blocked : undefined;
  }

  /** Completes all its files. */
  async finish(): Promise<{ readonly open: OpenFile; readonly row: FrozenFile }[]> {
    return Promise.all(
      this.files.map(async (open) => {
        const { fileId, lane, key, firstOrdinal, lastOrdinal, staged, layout } = open;
        const { bytes, stored } = await (this.#finished.get(open) ?? staged.finish());
        const { records } = staged;
        const lines = open.lines.runs;
        const ordinals = { firstOrdinal, lastOrdinal, ordinalSum: ordinalSum(open) };
        const gaps = layout.format === 'tuples' ? open.gaps : undefined;
        const row = { fileId, lane, key, ...ordinals, gaps, records, bytes, stored, lines, layout };
        return { open, row };
      }),
    );
  }
}
