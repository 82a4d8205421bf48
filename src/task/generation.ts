import type { FrozenFile } from '../database/statements/file.ts';
import type { FinishedFile, RowFile } from '../staging/row-file.ts';
import type { OpenFile } from './open-file.ts';

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
  readonly #limits: GenerationLimits;
  readonly #files: OpenFile[] = [];
  readonly #finished = new Map<OpenFile, Promise<FinishedFile>>();
  /** By lane: the file that it writes now. */
  readonly #open: (OpenFile | undefined)[] = [];
  /** Highest ordinal handed to it, rejected records included. */
  lastOrdinal = 0;
  #day: string | undefined;
  #full = false;
  #blocked: RowFile | undefined;

  constructor(number: number, limits: GenerationLimits) {
    this.number = number;
    this.#limits = limits;
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
    return this.#open[lane];
  }

  add(file: OpenFile): void {
    this.#files.push(file);
    this.#open[file.lane] = file;
  }

  /** A record was appended to one of its files. */
  appended(file: OpenFile, ordinal: number): void {
    const { staged } = file;
    this.lastOrdinal = ordinal;
    if (staged.blocked) this.#blocked = staged;
    const { maxRecords, maxBytes } = this.#limits;
    if (staged.records >= maxRecords || staged.isAtLeast(maxBytes)) this.#filled(file);
  }

  /** The lane continues with another file, or the generation is full. */
  #filled(file: OpenFile): void {
    const { lane } = file;
    if (this.#files.filter((other) => other.lane === lane).length >= this.#limits.filesPerLane) {
      this.#full = true;
      return;
    }
    this.#open[lane] = undefined;
    // Its buffers are needed for the next one. A failure is told by the finish that awaits it.
    const finished = file.finish();
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
        const { bytes, stored } = await (this.#finished.get(open) ?? open.finish());
        const { fileId, lane, key, layout, firstOrdinal, lastOrdinal, ordinalSum } = open;
        const { records } = open.staged;
        const ordinals = { firstOrdinal, lastOrdinal, ordinalSum, gaps: open.gaps };
        const row = { fileId, lane, key, ...ordinals, records, bytes, stored, layout };
        return { open, row: { ...row, lines: open.lines } };
      }),
    );
  }
}
