import type { FieldRow } from '../records/field-row.ts';
import { type FieldBounds, NOT_PLAIN } from './field-bounds.ts';
import type { RecordPlace } from './record-batch.ts';
import type { RecordCollector, Skimmed } from './record-reader.ts';
import { RecordRows } from './record-rows.ts';
import { TextChunk } from './utf8-text.ts';

/** Adds the bounds of the record that begins at `from`. @returns where the next one begins, or NOT_PLAIN */
export type PlainReader = (bytes: Buffer, from: number) => number;

/** What a format knows of its records. */
export interface RowFormat<R extends object> {
  /** Where the next record begins, when the framer is between two. */
  readonly framer: { readonly nextLine: number; passOver(records: number): void };
  /** Of the records that are read from their bytes. */
  readonly plain: FieldBounds;
  /** How many bounds each of them has; it changes in `reader` only. */
  readonly boundsPerRow: number;
  /** Reads a record that the framer found. @throws RelytError when it is malformed */
  parse(text: string, place: RecordPlace): R;
  /**
   * Reads the next records from their bytes; undefined while that is not possible.
   * @param isFirst whether the batch has none of them yet
   */
  reader(isFirst: boolean): PlainReader | undefined;
  /** Makes what stands for the records of a batch that were read from these bytes. */
  rowsOf(chunk: TextChunk): () => FieldRow;
}

/** Takes most records as bounds in the bytes of a chunk, and those with something unusual as texts. */
export class RowCollector<R extends object> implements RecordCollector<RecordRows<R>> {
  readonly #format: RowFormat<R>;
  #chunk = new TextChunk({ bytes: Buffer.alloc(0), byteOffset: 0, ascii: true });
  #firstBound = 0;
  #lines: number[] = [];
  #others = new Map<number, R>();

  constructor(format: RowFormat<R>) {
    this.#format = format;
  }

  add(text: string, place: RecordPlace): void {
    this.#others.set(this.#lines.length, this.#format.parse(text, place));
    this.#lines.push(place.line);
  }

  skim(chunk: TextChunk, from: number): Skimmed | undefined {
    const { framer, plain } = this.#format;
    this.#enter(chunk);
    const read = this.#format.reader(plain.used === this.#firstBound);
    if (read === undefined) return undefined;
    const { bytes } = chunk;
    const line = framer.nextLine;
    let to = from;
    let records = 0;
    while (to < bytes.length) {
      const end = read(bytes, to);
      if (end === NOT_PLAIN) break;
      to = end;
      this.#lines.push(line + records++);
    }
    framer.passOver(records);
    return { records, to };
  }

  take(): RecordRows<R> {
    const { plain, boundsPerRow } = this.#format;
    const rows = new RecordRows({
      lines: this.#lines,
      others: this.#others,
      newRow: this.#format.rowsOf(this.#chunk),
      firstBound: this.#firstBound,
      boundsPerRow,
    });
    this.#lines = [];
    this.#others = new Map();
    this.#firstBound = plain.used;
    return rows;
  }

  /** The rows of the chunk before have been read by now. */
  #enter(chunk: TextChunk): void {
    if (this.#chunk === chunk) return;
    this.#chunk = chunk;
    this.#firstBound = 0;
    this.#format.plain.clear(chunk.bytes.length);
  }
}
