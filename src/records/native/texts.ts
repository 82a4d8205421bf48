/** Text as UTF-8, and bytes as they are. */

import {
  endField,
  type FieldReader,
  type NativeForm,
  NO_ROOM,
  NOT_READ,
  type TupleTarget,
} from './native-form.ts';

/** Up to here a loop over the characters is faster than a call of the runtime. */
const SHORT = 64;

/** Writes text that may be staged unchanged, without its length. @returns where it ends, or NO_ROOM */
export function putText(text: string, { bytes, limit }: TupleTarget, from: number): number {
  // One UTF-16 unit becomes three bytes at most.
  const fits = from + text.length * 3 <= limit || from + Buffer.byteLength(text) <= limit;
  return fits ? from + bytes.write(text, from, 'utf8') : NO_ROOM;
}

/**
 * Text that comes in pieces, written as it comes: a codec whose text is longer than its value never holds all of it.
 */
export class PiecewiseText {
  #target: TupleTarget | undefined;
  #at = NO_ROOM;

  /** Begins the field at `at`. */
  start(target: TupleTarget, at: number): void {
    this.#target = target;
    this.#at = at + 4;
  }

  /** A piece that ends with a whole character. */
  add(text: string): void {
    const target = this.#target;
    if (target === undefined || this.#at === NO_ROOM) return;
    this.#at = putText(text, target, this.#at);
  }

  /** Ends the field that began at `at` with the last piece. @returns where it ends, or NO_ROOM */
  end(rest: string, at: number): number {
    this.add(rest);
    const target = this.#target;
    this.#target = undefined;
    return target === undefined ? NO_ROOM : endField(target, at, this.#at);
  }
}

/**
 * The field of a short text of ASCII without NUL, which most texts are.
 * @returns where it ends, or NO_ROOM, also when the text is not of that kind
 */
export function writeShortAscii(text: string, target: TupleTarget, at: number): number {
  const { length } = text;
  const from = at + 4;
  if (length > SHORT || from + length > target.limit) return NO_ROOM;
  const { bytes } = target;
  for (let i = 0; i < length; i += 1) {
    const unit = text.charCodeAt(i);
    if ((unit - 1) >>> 0 >= 0x7f) return NO_ROOM;
    bytes[from + i] = unit;
  }
  target.view.setInt32(at, length);
  return from + length;
}

export interface TextRules {
  /** Whether equal texts are equal values of the type. */
  readonly canonical: boolean;
  /** Texts of at most this many bytes need no check of their length. */
  readonly fittingBytes?: number;
}

export function nativeText(
  encode: (value: unknown) => string,
  { canonical, fittingBytes = Number.MAX_SAFE_INTEGER }: TextRules,
): NativeForm {
  return {
    path: 'text',
    canonical,
    read: textReader(fittingBytes),
    write: (value, target, at) => endField(target, at, putText(encode(value), target, at + 4)),
  };
}

/** Reads texts of so many bytes at most as they are. */
export function textReader(most: number): FieldReader {
  return (source, from, to, target, at) =>
    to - from > most ? NOT_READ : copyText(source, from, to, target, at);
}

/** Any text as it is. */
export const copyText: FieldReader = (source, from, to, { bytes, view, limit }, at) => {
  const length = to - from;
  const start = at + 4;
  if (start + length > limit) return NO_ROOM;
  view.setInt32(at, length);
  if (length > SHORT) source.copy(bytes, start, from, to);
  else for (let i = 0; i < length; i += 1) bytes[start + i] = source[from + i] as number;
  return start + length;
};

/** @returns where the field ends, or NO_ROOM */
export function writeBytes(
  value: Uint8Array,
  { bytes, view, limit }: TupleTarget,
  at: number,
): number {
  const from = at + 4;
  if (from + value.length > limit) return NO_ROOM;
  bytes.set(value, from);
  view.setInt32(at, value.length);
  return from + value.length;
}
