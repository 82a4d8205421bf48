/**
 * What the CSV and the NDJSON reader share: text chunks go into a framer, which finds where records end;
 * each record is parsed, and records come out in batches that know their place in the input.
 */
import { RelytError } from '../errors.ts';
import type {
  BadRecord,
  InputPosition,
  OnBadRecord,
  RecordBatch,
  RecordPlace,
} from './record-batch.ts';
import type { RecordFramer } from './record-framer.ts';
import { byteOffsetAt, decodeUtf8, type TextChunk } from './utf8-text.ts';

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

const INPUT_START: InputPosition = { byteOffset: 0, line: 1, recordCount: 0 };

/** Turns a record's text into a record; a RelytError means that this record is malformed. */
export type ParseRecord<R> = (text: string, place: RecordPlace) => R;

/** Records read without waiting, and what ended the stretch. */
interface Stretch<R> {
  readonly records: R[];
  /** Meaningless without records. */
  readonly end: InputPosition;
  readonly bad?: BadRecord;
  readonly fatal?: unknown;
}

/** What the framer said after a record. */
interface LastRecord {
  readonly index: number;
  readonly line: number;
  readonly recordCount: number;
}

export class RecordReader<R> {
  readonly #chunks: AsyncIterator<TextChunk>;
  readonly #framer: RecordFramer;
  readonly #onBadRecord: OnBadRecord;
  #chunk: TextChunk;
  #finished = false;
  #recordCount: number;

  /** @param framer begins at the line of `options.start` */
  constructor(
    chunks: AsyncIterable<Buffer>,
    framer: RecordFramer,
    options: Pick<RecordReaderOptions, 'onBadRecord' | 'start'>,
  ) {
    const { start = INPUT_START, onBadRecord = throwError } = options;
    this.#chunks = decodeUtf8(chunks, start.byteOffset);
    this.#chunk = { text: '', byteOffset: start.byteOffset, ascii: true };
    this.#recordCount = start.recordCount;
    this.#framer = framer;
    this.#onBadRecord = onBadRecord;
  }

  /** The text of the next record, which is not counted as one (a CSV header); undefined at the end of the input. */
  async header(): Promise<string | undefined> {
    for (;;) {
      const text = this.#framer.next();
      if (text !== undefined || !(await this.#fill())) return text;
    }
  }

  /** All records that are left. Ending the iteration early closes the input. */
  async *batches(parse: ParseRecord<R>): AsyncGenerator<RecordBatch<R>> {
    try {
      do {
        yield* this.#batchesOfChunk(parse);
      } while (await this.#fill());
    } finally {
      await this.#chunks.return?.();
    }
  }

  async *#batchesOfChunk(parse: ParseRecord<R>): AsyncGenerator<RecordBatch<R>> {
    for (;;) {
      const { records, end, bad, fatal } = this.#readStretch(parse);
      if (records.length > 0) yield { records, end };
      if (fatal !== undefined) throw fatal;
      if (bad === undefined) return;
      await this.#onBadRecord(bad);
    }
  }

  /** Stops at a malformed record, so that the records before it are delivered first and `end` is before it. */
  #readStretch(parse: ParseRecord<R>): Stretch<R> {
    const framer = this.#framer;
    const records: R[] = [];
    const last = { index: 0, line: 0, recordCount: 0 };
    let ended: { bad?: BadRecord; fatal?: unknown } = {};
    try {
      for (let text = framer.next(); text !== undefined; text = framer.next()) {
        this.#recordCount++;
        const place = { line: framer.recordLine, recordNumber: this.#recordCount };
        const record = tryParse(parse, text, place);
        if (record instanceof RelytError) {
          ended = { bad: { ...place, error: record, text } };
          break;
        }
        records.push(record);
        last.index = framer.index;
        last.line = framer.nextLine;
        last.recordCount = this.#recordCount;
      }
    } catch (error) {
      ended = { fatal: error };
    }
    return { records, end: this.#positionAfter(last), ...ended };
  }

  #positionAfter({ index, line, recordCount }: LastRecord): InputPosition {
    return { byteOffset: byteOffsetAt(this.#chunk, index), line, recordCount };
  }

  /** Feeds the framer once more; false when nothing is left. */
  async #fill(): Promise<boolean> {
    if (this.#finished) return false;
    if (this.#chunk.invalid !== undefined)
      throw notUtf8(this.#framer.openLine, this.#chunk.invalid);
    const result = await this.#chunks.next();
    if (result.done) {
      this.#finished = true;
      const byteOffset = byteOffsetAt(this.#chunk, this.#chunk.text.length);
      this.#chunk = { text: '', byteOffset, ascii: true };
      this.#framer.finish();
    } else {
      this.#chunk = result.value;
      if (result.value.text !== '') this.#framer.feed(result.value.text);
    }
    return true;
  }
}

function tryParse<R>(parse: ParseRecord<R>, text: string, place: RecordPlace): R | RelytError {
  try {
    return parse(text, place);
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
