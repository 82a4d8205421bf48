/**
 * Bytes become text, strictly: what is not UTF-8 is found here and never replaced by U+FFFD.
 *
 * Two promises the readers rely on: a chunk ends with a whole character, and never between the CR and the LF
 * of a CRLF, so the two kinds of CR can always be told apart.
 */

import { isAscii, isUtf8 } from 'node:buffer';
import { CARRIAGE_RETURN, LINE_FEED } from '../core/ascii.ts';

interface ChunkContent {
  readonly bytes: Buffer;
  readonly byteOffset: number;
  readonly ascii: boolean;
  readonly invalid?: string;
}

/** Bytes that are UTF-8. They become a string when one is asked for. */
export class TextChunk {
  /** A byte order mark at the start of the input is not among them. */
  readonly bytes: Buffer;
  /** Place of the first byte in the input. A byte order mark at the start of the input counts. */
  readonly byteOffset: number;
  /** Every character is one byte. */
  readonly ascii: boolean;
  /** Set when the line after this text is not UTF-8, which ends the input: what to do about it. */
  readonly invalid: string | undefined;
  #text: string | undefined;

  constructor({ bytes, byteOffset, ascii, invalid }: ChunkContent) {
    this.bytes = bytes;
    this.byteOffset = byteOffset;
    this.ascii = ascii;
    this.invalid = invalid;
  }

  get text(): string {
    this.#text ??= this.bytes.toString(this.ascii ? 'latin1' : 'utf8');
    return this.#text;
  }

  /** Place in the input just after it. */
  get byteEnd(): number {
    return this.byteOffset + this.bytes.length;
  }

  /** A part that begins and ends with whole characters. */
  part(from: number, to: number): TextChunk {
    const { bytes, byteOffset, ascii } = this;
    return new TextChunk({
      bytes: bytes.subarray(from, to),
      byteOffset: byteOffset + from,
      ascii,
    });
  }
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff');
const NONE = Buffer.alloc(0);

const ENCODING_HINT =
  'The input must be UTF-8; convert it first, for example with `iconv -f WINDOWS-1252 -t UTF-8`.';
const UTF16_HINT = 'The input looks like UTF-16; convert it first with `iconv -f UTF-16 -t UTF-8`.';

/**
 * The chunks as text; after a chunk that is `invalid` nothing follows. Empty input gives nothing.
 * @param start place in the input of the first byte
 */
export async function* decodeUtf8(
  chunks: AsyncIterable<Buffer>,
  start = 0,
): AsyncGenerator<TextChunk> {
  let carried: Buffer = Buffer.alloc(0);
  let byteOffset = start;
  for await (const chunk of chunks) {
    const bytes = carried.length === 0 ? chunk : Buffer.concat([carried, chunk]);
    const end = wholeCharactersLength(bytes);
    carried = Buffer.from(bytes.subarray(end));
    if (end === 0) continue;
    const decoded = decode(bytes.subarray(0, end), byteOffset);
    yield decoded;
    if (decoded.invalid !== undefined) return;
    byteOffset += end;
  }
  // A lone CR ends the last line; an unfinished character is invalid.
  if (carried.length > 0) yield decode(carried, byteOffset);
}

/** Place in the input, in bytes, of the character at `index`. */
export function byteOffsetAt(chunk: TextChunk, index: number): number {
  if (chunk.ascii) return chunk.byteOffset + index;
  const { text } = chunk;
  return index === text.length
    ? chunk.byteEnd
    : chunk.byteOffset + Buffer.byteLength(text.slice(0, index));
}

/** Length without an unfinished character or a CR at the end; both wait for the next bytes. */
function wholeCharactersLength(bytes: Buffer): number {
  const { length } = bytes;
  const last = bytes[length - 1];
  if (last === undefined || last === CARRIAGE_RETURN) return Math.max(length - 1, 0);
  if (last < 0x80) return length;
  for (let at = length - 1; at >= Math.max(length - 4, 0); at--) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0xc0) return at + sequenceLength(byte) > length ? at : length;
  }
  return length;
}

function sequenceLength(leadByte: number): number {
  if (leadByte >= 0xf0) return 4;
  return leadByte >= 0xe0 ? 3 : 2;
}

function decode(bytes: Buffer, byteOffset: number): TextChunk {
  // PostgreSQL text holds no NUL, so one at the very start can only be the half of a UTF-16 character.
  if (byteOffset < 2 && bytes.subarray(0, 2 - byteOffset).includes(0)) {
    return new TextChunk({ bytes: NONE, byteOffset, ascii: true, invalid: UTF16_HINT });
  }
  if (isAscii(bytes)) return new TextChunk({ bytes, byteOffset, ascii: true });
  const mark = byteOffset === 0 && startsWithMark(bytes) ? BYTE_ORDER_MARK.length : 0;
  const unmarked = bytes.subarray(mark);
  if (!isUtf8(unmarked)) return validLines(unmarked, byteOffset + mark);
  return new TextChunk({ bytes: unmarked, byteOffset: byteOffset + mark, ascii: false });
}

function startsWithMark(bytes: Buffer): boolean {
  return BYTE_ORDER_MARK.equals(bytes.subarray(0, BYTE_ORDER_MARK.length));
}

/** The lines before the first one that is not UTF-8, so that the readers can tell its number. */
function validLines(bytes: Buffer, byteOffset: number): TextChunk {
  let start = 0;
  for (;;) {
    const end = lineLength(bytes, start);
    if (!isUtf8(bytes.subarray(start, end))) break;
    start = end;
  }
  // FE and FF occur in no UTF-8; at the start they are the byte order mark of UTF-16.
  const utf16 = byteOffset === 0 && (bytes[0] ?? 0) >= 0xfe;
  const invalid = utf16 ? UTF16_HINT : ENCODING_HINT;
  return new TextChunk({ bytes: bytes.subarray(0, start), byteOffset, ascii: false, invalid });
}

/** End of the line that starts at `start`, its LF or CR included. */
function lineLength(bytes: Buffer, start: number): number {
  for (let at = start; at < bytes.length; at++) {
    if (bytes[at] === LINE_FEED || bytes[at] === CARRIAGE_RETURN) return at + 1;
  }
  return bytes.length;
}
