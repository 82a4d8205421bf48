/** Text as UTF-8, and bytes as they are. */

import { type NativeForm, NO_ROOM, type TupleTarget } from './native-form.ts';

/** Up to here a loop over the characters is faster than a call of the runtime. */
const SHORT = 64;

/**
 * Writes text that may be staged unchanged.
 * @returns where the field ends, or NO_ROOM
 */
function writeUtf8(text: string, target: TupleTarget, at: number): number {
  const from = at + 4;
  // One UTF-16 unit becomes three bytes at most.
  if (from + text.length * 3 > target.limit) {
    if (from + Buffer.byteLength(text) > target.limit) return NO_ROOM;
  }
  const length = target.bytes.write(text, from, 'utf8');
  target.view.setInt32(at, length);
  return from + length;
}

/**
 * A text that comes in pieces, written as it comes: a codec whose text is longer than its value never holds all of it.
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
    const isFitting =
      this.#at + text.length * 3 <= target.limit ||
      this.#at + Buffer.byteLength(text) <= target.limit;
    this.#at = isFitting ? this.#at + target.bytes.write(text, this.#at, 'utf8') : NO_ROOM;
  }

  /** Ends the field that began at `at` with the last piece. @returns where it ends, or NO_ROOM */
  end(rest: string, at: number): number {
    this.add(rest);
    const target = this.#target;
    this.#target = undefined;
    if (this.#at !== NO_ROOM) target?.view.setInt32(at, this.#at - at - 4);
    return this.#at;
  }
}

/**
 * The field of a short text of ASCII without NUL, which most texts are.
 * @returns where it ends, or NO_ROOM also when it is no such text
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

/** @param canonical whether equal texts are equal values of the type */
export function nativeText(encode: (value: unknown) => string, canonical: boolean): NativeForm {
  return {
    path: 'text',
    canonical,
    write: (value, target, at) => writeUtf8(encode(value), target, at),
  };
}

/** @returns where the field ends, or NO_ROOM */
export function writeBytes(
  value: Uint8Array | Buffer,
  { bytes, view, limit }: TupleTarget,
  at: number,
): number {
  const from = at + 4;
  if (from + value.length > limit) return NO_ROOM;
  bytes.set(value, from);
  view.setInt32(at, value.length);
  return from + value.length;
}

/** Pairs of hexadecimal digits as bytes. */
export function writeHex(digits: string, { bytes, view, limit }: TupleTarget, at: number): number {
  const from = at + 4;
  const length = digits.length / 2;
  if (from + length > limit) return NO_ROOM;
  bytes.write(digits, from, 'hex');
  view.setInt32(at, length);
  return from + length;
}
