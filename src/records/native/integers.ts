/** Integers, booleans and object identifiers: a few bytes, big endian. */

import { FIXED_FIELD_BYTES, type NativeForm, type TupleTarget } from './native-form.ts';

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

/** @param encode the codec's text of a value, which is its decimal digits */
export function nativeInteger(
  name: 'int2' | 'int4' | 'int8',
  encode: (value: unknown) => string,
): NativeForm {
  const write =
    name === 'int8'
      ? (value: unknown, target: TupleTarget, at: number) =>
          writeInt64(target, BigInt(encode(value)), at)
      : name === 'int4'
        ? (value: unknown, target: TupleTarget, at: number) =>
            writeInt32(target, Number(encode(value)), at)
        : (value: unknown, target: TupleTarget, at: number) =>
            writeInt16(target, Number(encode(value)), at);
  return { write, path: name, canonical: true };
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
  };
}
