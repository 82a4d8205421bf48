/** Integers, booleans and object identifiers: a few bytes, big endian. */

import { MINUS } from '../../core/ascii.ts';
import { isDigits, safeInteger } from './digits.ts';
import {
  FIXED_FIELD_BYTES,
  type FieldReader,
  type NativeForm,
  NOT_READ,
  type TupleTarget,
} from './native-form.ts';

const TWO_TO_32 = 4_294_967_296;

/** A safe integer in eight bytes, as two halves: `setBigInt64` would need a bigint of each. */
export function setSafeInteger(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / TWO_TO_32));
  view.setInt32(at + 4, value);
}

/** A field of eight bytes. */
function writeInt64({ view }: TupleTarget, value: bigint, at: number): number {
  view.setInt32(at, 8);
  view.setBigInt64(at + 4, value);
  return at + FIXED_FIELD_BYTES;
}

function writeSafeInteger({ view }: TupleTarget, value: number, at: number): number {
  view.setInt32(at, 8);
  setSafeInteger(view, at + 4, value);
  return at + FIXED_FIELD_BYTES;
}

export function writeInt32({ view }: TupleTarget, value: number, at: number): number {
  view.setInt32(at, 4);
  view.setInt32(at + 4, value);
  return at + 8;
}

function writeInt16({ view }: TupleTarget, value: number, at: number): number {
  view.setInt32(at, 2);
  view.setInt16(at + 4, value);
  return at + 6;
}

/** How integers of one type are stored. */
interface IntegerStore {
  holds(value: number): boolean;
  write(target: TupleTarget, value: number, at: number): number;
  /** @param digits of any integer that the type holds */
  writeText(target: TupleTarget, digits: string, at: number): number;
}

const STORES: Readonly<Record<'int2' | 'int4' | 'int8', IntegerStore>> = {
  int2: {
    holds: (value) => (value << 16) >> 16 === value,
    write: writeInt16,
    writeText: (target, digits, at) => writeInt16(target, Number(digits), at),
  },
  int4: {
    holds: (value) => (value | 0) === value,
    write: writeInt32,
    writeText: (target, digits, at) => writeInt32(target, Number(digits), at),
  },
  int8: {
    holds: Number.isSafeInteger,
    write: writeSafeInteger,
    writeText: (target, digits, at) => writeInt64(target, BigInt(digits), at),
  },
};

/** @param encode the codec's text of a value, which is its decimal digits */
export function nativeInteger(
  name: 'int2' | 'int4' | 'int8',
  encode: (value: unknown) => string,
): NativeForm {
  const store = STORES[name];
  // Most are numbers: neither a string nor a bigint is made of them.
  const write: NativeForm['write'] = (value, target, at) =>
    typeof value === 'number' && store.holds(value)
      ? store.write(target, value, at)
      : store.writeText(target, encode(value), at);
  return { write, read: READERS[name], path: name, canonical: true };
}

const READERS: Readonly<Record<'int2' | 'int4' | 'int8', FieldReader>> = {
  int2(source, from, to, target, at) {
    const value = safeInteger(source, from, to);
    return (value << 16) >> 16 === value ? writeInt16(target, value, at) : NOT_READ;
  },
  int4(source, from, to, target, at) {
    const value = safeInteger(source, from, to);
    return (value | 0) === value ? writeInt32(target, value, at) : NOT_READ;
  },
  int8(source, from, to, target, at) {
    const value = safeInteger(source, from, to);
    if (Number.isNaN(value)) return readLongInteger(source, from, to, target.view, at);
    return writeSafeInteger(target, value, at);
  },
};

const TEN_TO_9 = 1_000_000_000;
/** 10 ** 9 in two pieces of 16 bits. */
const HIGH_PIECE = TEN_TO_9 >>> 16;
const LOW_PIECE = TEN_TO_9 & 0xffff;

/** Sixteen to eighteen digits: more than a number holds, always in range, and written without a bigint. */
function readLongInteger(
  source: Buffer,
  from: number,
  to: number,
  view: DataView,
  at: number,
): number {
  const isNegative = source[from] === MINUS;
  const start = isNegative ? from + 1 : from;
  const middle = to - 9;
  if (to - start < 16 || to - start > 18) return NOT_READ;
  if (!isDigits(source, start, to)) return NOT_READ;
  const upper = safeInteger(source, start, middle);
  // upper * 10 ** 9 + the last nine digits, as high * 2 ** 16 + low.
  const low = upper * LOW_PIECE + safeInteger(source, middle, to);
  const high = upper * HIGH_PIECE + Math.floor(low / 65_536);
  const half = (high % 65_536) * 65_536 + (low % 65_536);
  const top = Math.floor(high / 65_536);
  view.setInt32(at, 8);
  view.setInt32(at + 4, isNegative ? (half === 0 ? -top : ~top) : top);
  view.setInt32(at + 8, isNegative ? -half : half);
  return at + FIXED_FIELD_BYTES;
}

/** @param encode the codec's text, `t` or `f` */
export function nativeBoolean(encode: (value: unknown) => string): NativeForm {
  return {
    path: 'bool',
    canonical: true,
    write(value, { bytes, view }, at) {
      view.setInt32(at, 1);
      bytes[at + 4] = encode(value) === 't' ? 1 : 0;
      return at + 5;
    },
    read: readBoolean,
  };
}

/** `t`, `true` and 1, `f`, `false` and 0; not in capitals. */
function readBoolean(
  source: Buffer,
  from: number,
  to: number,
  { bytes, view }: TupleTarget,
  at: number,
): number {
  const word = from + 1 === to ? SHORT_WORDS[source[from] ?? 0] : LONG_WORDS[to - from];
  if (word === undefined) return NOT_READ;
  if (from + 1 < to && source.toString('latin1', from, to) !== word) return NOT_READ;
  view.setInt32(at, 1);
  bytes[at + 4] = word.startsWith('t') ? 1 : 0;
  return at + 5;
}

/** By their only byte. */
const SHORT_WORDS: Readonly<Record<number, string>> = { 48: 'f', 49: 't', 102: 'f', 116: 't' };
/** By their length. */
const LONG_WORDS: Readonly<Record<number, string>> = { 4: 'true', 5: 'false' };
