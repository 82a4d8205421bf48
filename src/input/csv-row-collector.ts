import type { CsvFramer } from './csv-framer.ts';
import { type CsvFields, CsvRows } from './csv-rows.ts';
import { NOT_PLAIN, type PlainRecords } from './plain-records.ts';
import type { RecordPlace } from './record-batch.ts';
import type { RecordCollector, Skimmed } from './record-reader.ts';
import { TextChunk } from './utf8-text.ts';

export interface CsvParser {
  /** How many fields each record has, once that is known. */
  readonly fieldCount: number | undefined;
  /** The fields of a record that the framer found. @throws RelytError when it is malformed */
  parse(text: string, place: RecordPlace): CsvFields;
}

interface CsvRowSource {
  readonly framer: CsvFramer;
  readonly plain: PlainRecords;
  readonly parser: CsvParser;
}

/** Takes most records as bounds in the bytes of a chunk, and those with something unusual as texts. */
export class CsvRowCollector implements RecordCollector<CsvRows> {
  readonly #source: CsvRowSource;
  #chunk = new TextChunk({ bytes: Buffer.alloc(0), byteOffset: 0, ascii: true });
  #firstBound = 0;
  #lines: number[] = [];
  #texts = new Map<number, CsvFields>();

  constructor(source: CsvRowSource) {
    this.#source = source;
  }

  add(text: string, place: RecordPlace): void {
    this.#texts.set(this.#lines.length, this.#source.parser.parse(text, place));
    this.#lines.push(place.line);
  }

  skim(chunk: TextChunk, from: number): Skimmed | undefined {
    const { framer, plain, parser } = this.#source;
    const lineEnd = framer.plainLineEnd;
    const fields = parser.fieldCount;
    if (lineEnd === undefined || fields === undefined) return undefined;
    this.#enter(chunk);
    const { bytes } = chunk;
    const line = framer.nextLine;
    let to = from;
    let records = 0;
    while (to < bytes.length) {
      const end = plain.read(bytes, to, { fields, lineEnd });
      if (end === NOT_PLAIN) break;
      to = end;
      this.#lines.push(line + records++);
    }
    framer.passOver(records);
    return { records, to };
  }

  take(): CsvRows {
    const { plain, parser } = this.#source;
    const { bytes, ascii } = this.#chunk;
    const rows = new CsvRows({
      lines: this.#lines,
      texts: this.#texts,
      bytes,
      ascii,
      bounds: plain.bounds,
      firstBound: this.#firstBound,
      fieldCount: parser.fieldCount ?? 0,
    });
    this.#lines = [];
    this.#texts = new Map();
    this.#firstBound = plain.used;
    return rows;
  }

  /** The rows of the chunk before have been read by now. */
  #enter(chunk: TextChunk): void {
    if (this.#chunk === chunk) return;
    this.#chunk = chunk;
    this.#firstBound = 0;
    this.#source.plain.clear(chunk.bytes.length);
  }
}
