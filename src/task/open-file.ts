import type { Layout } from '../core/layout.ts';
import { type LineRun, RecordLines } from '../core/record-lines.ts';
import { RelytError } from '../errors.ts';
import type { EncodedRow } from '../records/record-encoder.ts';
import type { FinishedFile, RowFile } from '../staging/row-file.ts';
import type { FileWatch } from './file-watch.ts';

export interface OpenFileOptions {
  readonly fileId: number;
  readonly lane: number;
  readonly staged: RowFile;
  readonly layout: Layout;
  /** Set where an import reads a whole folder. */
  readonly folder?: string;
  readonly firstOrdinal: number;
  readonly watch?: FileWatch;
}

/** A staged file being written, one per lane at a time. */
export class OpenFile {
  readonly fileId: number;
  readonly lane: number;
  readonly key: string;
  readonly staged: RowFile;
  readonly layout: Layout;
  readonly folder: string | undefined;
  readonly firstOrdinal: number;
  /** Of its records in their source. */
  readonly #lines = new RecordLines();
  /** Undefined where ordinals are staged. As many as records of a generation may be rejected. */
  readonly #gaps: number[] | undefined;
  readonly #watch: FileWatch | undefined;
  #lastOrdinal: number;
  /** Sum of its ordinals, each counted from the first: far from what a number can hold. */
  #ordinalsPastFirst = 0;

  constructor({ fileId, lane, staged, layout, folder, firstOrdinal, watch }: OpenFileOptions) {
    this.fileId = fileId;
    this.lane = lane;
    this.key = staged.key;
    this.staged = staged;
    this.layout = layout;
    this.folder = folder;
    this.firstOrdinal = firstOrdinal;
    this.#watch = watch;
    this.#lastOrdinal = firstOrdinal;
    this.#gaps = layout.format === 'tuples' ? [] : undefined;
  }

  /**
   * Appends a record, in the order of the ordinals.
   * @param line in its source; undefined when that is not known
   * @param longFields what is not in the row, see `RecordEncoder`
   */
  append(
    row: EncodedRow,
    ordinal: number,
    line: number | undefined,
    longFields: readonly (readonly Buffer[])[],
  ): void {
    this.staged.append(row, longFields);
    this.#lines.add(ordinal, line);
    if (this.#gaps !== undefined) {
      for (let left = this.#lastOrdinal + 1; left < ordinal; left += 1) this.#gaps.push(left);
    }
    this.#lastOrdinal = ordinal;
    this.#ordinalsPastFirst += ordinal - this.firstOrdinal;
  }

  /** It takes no more records; resolves when it is complete where it goes. */
  async finish(): Promise<FinishedFile> {
    this.#watch?.filled(this);
    try {
      const finished = await this.staged.finish();
      this.#watch?.complete(finished);
      return finished;
    } catch (error) {
      this.#watch?.failed(error);
      throw error;
    }
  }

  /** Drops it. Rejects when something of it may be left. */
  async abort(): Promise<void> {
    this.#watch?.failed(new RelytError('ABORTED', `The file ${this.key} was dropped.`));
    await this.staged.abort();
  }

  get lastOrdinal(): number {
    return this.#lastOrdinal;
  }

  /** Of the ordinals in the file: by it an import may see that it reads the right one. */
  get ordinalSum(): bigint {
    return (
      BigInt(this.firstOrdinal) * BigInt(this.staged.records) + BigInt(this.#ordinalsPastFirst)
    );
  }

  /** Ordinals that it leaves out, where it holds none; see `RowOrdinals`. */
  get gaps(): readonly number[] | undefined {
    return this.#gaps;
  }

  get lines(): readonly LineRun[] {
    return this.#lines.runs;
  }
}
