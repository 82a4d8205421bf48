import type { FrozenFile } from '../database/statements/file.ts';
import type { StagedFile } from '../staging/staged-file.ts';

/** A staged file being written, one per lane and generation at most. */
export interface OpenFile {
  readonly fileId: number;
  readonly lane: number;
  readonly key: string;
  readonly staged: StagedFile;
  readonly firstOrdinal: number;
  lastOrdinal: number;
}

export interface GenerationLimits {
  /** Records of its fullest file. */
  readonly maxRecords: number;
  /** Bytes of CSV of its largest file. */
  readonly maxBytes: number;
}

/**
 * The files that all lanes write at the same time. They are closed together and frozen together, generation
 * after generation, so that what is frozen is always exactly "every record up to ordinal N": a resume can
 * drop the rest and have the source replayed from there, with nothing lost and nothing doubled even in a
 * table without a key.
 */
export class Generation {
  readonly number: number;
  readonly #files = new Map<number, OpenFile>();
  /** Highest ordinal handed to it, rejected records included. */
  lastOrdinal = 0;
  #full = false;
  #blocked: StagedFile | undefined;

  constructor(number: number) {
    this.number = number;
  }

  get files(): readonly OpenFile[] {
    return [...this.#files.values()];
  }

  fileOf(lane: number): OpenFile | undefined {
    return this.#files.get(lane);
  }

  add(file: OpenFile): void {
    this.#files.set(file.lane, file);
  }

  append(file: OpenFile, line: string, ordinal: number, limits: GenerationLimits): void {
    file.staged.append(line);
    file.lastOrdinal = ordinal;
    this.lastOrdinal = ordinal;
    if (file.staged.blocked) this.#blocked = file.staged;
    this.#full ||= file.staged.records >= limits.maxRecords || file.staged.bytes >= limits.maxBytes;
  }

  /** One of its files has reached a limit. */
  get full(): boolean {
    return this.#full;
  }

  /** A file that must get a buffer before more is appended, if any. Asked after every record, so it must be cheap. */
  get blocked(): StagedFile | undefined {
    return this.#blocked?.blocked ? this.#blocked : undefined;
  }

  /** Completes all its objects in S3. */
  async finish(): Promise<FrozenFile[]> {
    return Promise.all(
      this.files.map(async ({ fileId, firstOrdinal, lastOrdinal, staged }) => {
        const { bytes, storedBytes } = await staged.finish();
        return { fileId, firstOrdinal, lastOrdinal, records: staged.records, bytes, storedBytes };
      }),
    );
  }
}
