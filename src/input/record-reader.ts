/**
 * What the CSV and the NDJSON reader share: text goes into a framer, which finds where records end; a collector takes
 * each of them, and records come out in batches that know their place in the input. A collector may take records from
 * the bytes itself; what it leaves then goes through the framer.
 */
import { LINE_FEED } from '../core/ascii.ts';
import { RelytError } from '../errors.ts';
import type {
  BadRecord,
  BatchOf,
  InputPosition,
  OnBadRecord,
  RecordPlace,
} from './record-batch.ts';
import type { RecordFramer } from './record-framer.ts';
import { byteOffsetAt, decodeUtf8, TextChunk } from './utf8-text.ts';

export interface RecordReaderOptions {
  /** Default: throw the record's error. */
  readonly onBadRecord?: OnBadRecord | undefined;
  /**
   * Longest record that goes on past the chunk it begins in, in bytes; default 64 MiB. It bounds what a quote that is
   * never closed can make the reader hold.
   */
  readonly maxRecordBytes?: number | undefined;
  /** Where the first byte stands, when the beginning of the input is left out; default its beginning. */
  readonly start?: InputPosition | undefined;
}

/** After this many records in a row that the collector left, the framer gets more lines at a time. */
const MOST_MISSES = 8;
const LINES_AT_ONCE = 32;

const INPUT_START: InputPosition = { byteOffset: 0, line: 1, recordCount: 0 };

interface Counted {
  readonly length: number;
}

/** Takes records as they are read, and gives them in batches. */
export interface RecordCollector<Records extends Counted> {
  /** A record as text. @throws RelytError when it is malformed */
  add(text: string, place: RecordPlace): void;
  /** Takes records from the bytes of a chunk: as many as there is nothing unusual about. */
  skim?(chunk: TextChunk, from: number): Skimmed | undefined;
  /** Those taken since the last call. */
  take(): Records;
}

export interface Skimmed {
  readonly records: number;
  /** Where the next one begins. */
  readonly to: number;
}

/** Records read without waiting, and what ended the stretch. */
interface Stretch<Records> {
  readonly records: Records;
  /** Meaningless without records. */
  readonly end: InputPosition;
  readonly bad?: BadRecord | undefined;
  readonly fatal?: unknown;
}

/** Where a record ended: an index of the text that the framer had. */
interface RecordEnd {
  piece: TextChunk;
  index: number;
  line: number;
  recordCount: number;
}

export class RecordReader<Records extends Counted> {
  readonly #chunks: AsyncIterator<TextChunk>;
  readonly #framer: RecordFramer;
  readonly #collector: RecordCollector<Records>;
  readonly #onBadRecord: OnBadRecord;
  #chunk: TextChunk;
  /** How many bytes of it were handed on. */
  #handedOn = 0;
  /** The part of it that the framer has. */
  #piece: TextChunk;
  /** Whether the framer may have another record. */
  #hasText = false;
  #finished = false;
  #recordCount: number;
  /** How many times in a row the collector took nothing. */
  #misses = 0;

  /** @param framer begins at the line of `options.start` */
  constructor(
    chunks: AsyncIterable<Buffer>,
    framer: RecordFramer,
    collector: RecordCollector<Records>,
    options: Pick<RecordReaderOptions, 'onBadRecord' | 'start'>,
  ) {
    const { start = INPUT_START, onBadRecord = throwError } = options;
    this.#chunks = decodeUtf8(chunks, start.byteOffset);
    this.#chunk = emptyChunk(start.byteOffset);
    this.#piece = this.#chunk;
    this.#recordCount = start.recordCount;
    this.#framer = framer;
    this.#collector = collector;
    this.#onBadRecord = onBadRecord;
  }

  /** The text of the next record, which is not counted as one (a CSV header); undefined at the end of the input. */
  async header(): Promise<string | undefined> {
    for (;;) {
      const text = this.#next();
      if (text !== undefined) return text;
      if (!this.#feed() && !(await this.#fill())) return undefined;
    }
  }

  /** All records that are left. Ending the iteration early closes the input. */
  async *batches(): AsyncGenerator<BatchOf<Records>> {
    try {
      do {
        yield* this.#batchesOfChunk();
      } while (await this.#fill());
    } finally {
      await this.#chunks.return?.();
    }
  }

  async *#batchesOfChunk(): AsyncGenerator<BatchOf<Records>> {
    for (;;) {
      const { records, end, bad, fatal } = this.#readStretch();
      if (records.length > 0) yield { records, end };
      if (fatal !== undefined) throw fatal;
      if (bad === undefined) return;
      await this.#onBadRecord(bad);
    }
  }

  /** Stops at a malformed record, so that the records before it are delivered first and `end` is before it. */
  #readStretch(): Stretch<Records> {
    const last = { piece: this.#piece, index: 0, line: 0, recordCount: 0 };
    let ended: { bad?: BadRecord | undefined; fatal?: unknown } = {};
    try {
      ended = { bad: this.#readUpTo(last) };
    } catch (error) {
      ended = { fatal: error };
    }
    return { records: this.#collector.take(), end: positionOf(last), ...ended };
  }

  /** The malformed record that comes next, undefined at the end of the chunk. @param last is moved on */
  #readUpTo(last: RecordEnd): BadRecord | undefined {
    const framer = this.#framer;
    for (;;) {
      const text = this.#next();
      if (text === undefined) {
        this.#skim(last);
        if (this.#feed()) continue;
        return undefined;
      }
      this.#recordCount++;
      const place = { line: framer.recordLine, recordNumber: this.#recordCount };
      const error = refusalOf(this.#collector, text, place);
      if (error !== undefined) return { ...place, error, text };
      last.piece = this.#piece;
      last.index = framer.index;
      last.line = framer.nextLine;
      last.recordCount = this.#recordCount;
    }
  }

  /** The next record of the text that the framer has: it is not asked twice for more than that. */
  #next(): string | undefined {
    if (!this.#hasText) return undefined;
    const text = this.#framer.next();
    this.#hasText = text !== undefined;
    return text;
  }

  /** The framer has no more: the collector may take the next records itself. */
  #skim(last: RecordEnd): void {
    const skimmed = this.#collector.skim?.(this.#chunk, this.#handedOn);
    if (skimmed === undefined) return;
    this.#misses = skimmed.records === 0 ? this.#misses + 1 : 0;
    if (skimmed.records === 0) return;
    this.#handedOn = skimmed.to;
    this.#recordCount += skimmed.records;
    last.piece = this.#chunk.part(skimmed.to, skimmed.to);
    last.index = 0;
    last.line = this.#framer.nextLine;
    last.recordCount = this.#recordCount;
  }

  /**
   * Feeds the framer from the chunk; false when nothing of it is left. It gets no more than a line where the collector
   * reads as well, unless that takes none; of a record that goes on, as much as it has, so that many lines are few pieces.
   */
  #feed(): boolean {
    const { bytes } = this.#chunk;
    const from = this.#handedOn;
    if (from === bytes.length) return false;
    const lines = this.#misses < MOST_MISSES ? 1 : LINES_AT_ONCE;
    const isShared = this.#collector.skim !== undefined;
    const to = isShared ? lineEndAfter(bytes, from + this.#framer.openLength, lines) : bytes.length;
    this.#piece = from === 0 && to === bytes.length ? this.#chunk : this.#chunk.part(from, to);
    this.#handedOn = to;
    this.#framer.feed(this.#piece.text);
    this.#hasText = true;
    return true;
  }

  /** Reads the next chunk; false when nothing is left. */
  async #fill(): Promise<boolean> {
    if (this.#finished) return false;
    if (this.#chunk.invalid !== undefined)
      throw notUtf8(this.#framer.openLine, this.#chunk.invalid);
    const result = await this.#chunks.next();
    if (result.done) {
      this.#finished = true;
      this.#framer.finish();
      this.#hasText = true;
    }
    this.#chunk = result.done ? emptyChunk(this.#chunk.byteEnd) : result.value;
    this.#piece = this.#chunk;
    this.#handedOn = 0;
    return true;
  }
}

function emptyChunk(byteOffset: number): TextChunk {
  return new TextChunk({ bytes: Buffer.alloc(0), byteOffset, ascii: true });
}

function positionOf({ piece, index, line, recordCount }: RecordEnd): InputPosition {
  return { byteOffset: byteOffsetAt(piece, index), line, recordCount };
}

function lineEndAfter(bytes: Buffer, from: number, lines: number): number {
  let to = from;
  for (let line = 0; line < lines; line += 1) {
    const at = bytes.indexOf(LINE_FEED, to);
    if (at < 0) return bytes.length;
    to = at + 1;
  }
  return to;
}

function refusalOf(
  collector: RecordCollector<Counted>,
  text: string,
  place: RecordPlace,
): RelytError | undefined {
  try {
    collector.add(text, place);
    return undefined;
  } catch (error) {
    if (error instanceof RelytError) return error;
    throw error;
  }
}

function throwError(bad: BadRecord): never {
  throw bad.error;
}

function notUtf8(line: number, hint: string): RelytError {
  return new RelytError('INPUT_MALFORMED', `Line ${line} is not UTF-8 text.`, {
    details: { line, expected: 'UTF-8' },
    hint,
  });
}
