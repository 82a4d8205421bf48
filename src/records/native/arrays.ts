/** Arrays: dimensions, the element type, then each element as a field. */

import { type NativeForm, NO_ROOM, type TupleTarget } from './native-form.ts';

/** Object identifiers of built-in types never change. Others are found out by the server only. */
const ELEMENT_OIDS: ReadonlyMap<string, number> = new Map([
  ['bool', 16],
  ['bytea', 17],
  ['name', 19],
  ['int8', 20],
  ['int2', 21],
  ['int4', 23],
  ['text', 25],
  ['float4', 700],
  ['float8', 701],
  ['bpchar', 1042],
  ['varchar', 1043],
  ['date', 1082],
  ['time', 1083],
  ['timestamp', 1114],
  ['timestamptz', 1184],
  ['numeric', 1700],
  ['uuid', 2950],
]);

/** Undefined where arrays of the type must be staged as text. */
export function elementOid(typeName: string): number | undefined {
  return ELEMENT_OIDS.get(typeName);
}

export interface ArrayHeader {
  /** Length of each dimension, the outermost first; none for an empty array. */
  readonly lengths: readonly number[];
  readonly elementOid: number;
}

/** The header of an array, its length left open. @returns where the elements begin, or NO_ROOM */
export function startArray(
  { lengths, elementOid: oid }: ArrayHeader,
  { view, limit }: TupleTarget,
  at: number,
): number {
  const start = at + 16 + lengths.length * 8;
  if (start > limit) return NO_ROOM;
  view.setInt32(at + 4, lengths.length);
  view.setInt32(at + 8, 0);
  view.setInt32(at + 12, oid);
  let to = at + 16;
  for (const length of lengths) {
    view.setInt32(to, length);
    view.setInt32(to + 4, 1);
    to += 8;
  }
  return start;
}

const EMPTY: readonly number[] = [];
/** Its length is known at its end. */
const FLAT: readonly number[] = [0];

/** The header of an array of one dimension, or of none. @returns where the elements begin, or NO_ROOM */
export function startFlatArray(
  { isEmpty, elementOid: oid }: { readonly isEmpty: boolean; readonly elementOid: number },
  target: TupleTarget,
  at: number,
): number {
  return startArray({ lengths: isEmpty ? EMPTY : FLAT, elementOid: oid }, target, at);
}

/** Of an array of one dimension that begins at `at`. */
export function startOfElements(at: number): number {
  return at + 24;
}

/** Writes how many elements the array has that begins at `at`. */
export function endFlatArray({ view }: TupleTarget, at: number, count: number): void {
  view.setInt32(at + 16, count);
}

/** An element that is NULL, in the array that begins at `array`. @returns where it ends, or NO_ROOM */
export function writeNullElement({ view, limit }: TupleTarget, array: number, at: number): number {
  if (at + 4 > limit) return NO_ROOM;
  view.setInt32(array + 8, 1);
  view.setInt32(at, -1);
  return at + 4;
}

/** An element. Those of fixed size do not look whether there is room. @returns where it ends, or NO_ROOM */
export function writeElement(
  element: NativeForm,
  value: unknown,
  target: TupleTarget,
  at: number,
): number {
  return at > target.limit ? NO_ROOM : element.write(value, target, at);
}
