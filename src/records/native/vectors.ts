/** pgvector's types: a header, then the components as single or half precision. */

import { checkSingle, halfBits, numberOf } from './floats.ts';
import { NO_ROOM, TextNeededError, type TupleTarget } from './native-form.ts';

/** What pgvector takes in one value, which its receive functions check. */
const MOST_COMPONENTS = 16_000;
/** White space is what C's isspace calls so. */
const TEXT = /^\[[\d.eE+\-, \t-\r]*\]$/;

export type Components = ArrayLike<number>;

/** `[1,2.5,3]`; the server reads anything but plain decimal numbers. */
export function componentsOfText(text: string): Components {
  if (!TEXT.test(text)) throw new TextNeededError();
  const components = Float64Array.from(text.slice(1, -1).split(','), (piece) =>
    numberOf(piece.trim()),
  );
  components.forEach(checkSingle);
  return components;
}

/** `vector`. @returns where the field ends, or NO_ROOM */
export function writeVector(components: Components, target: TupleTarget, at: number): number {
  const end = startVector(components.length, 4, target, at);
  if (end === NO_ROOM) return NO_ROOM;
  if (components instanceof Float32Array) writeSingles(components, target.view, at + 8);
  else writeNumbers(components, target.view, at + 8);
  return end;
}

// Two loops of the same text: one that met both kinds of arrays would be several times as slow for each.
function writeSingles(components: Float32Array, view: DataView, from: number): void {
  let at = from;
  for (let i = 0; i < components.length; i += 1, at += 4) view.setFloat32(at, components[i] ?? 0);
}

function writeNumbers(components: Components, view: DataView, from: number): void {
  let at = from;
  for (let i = 0; i < components.length; i += 1, at += 4) view.setFloat32(at, components[i] ?? 0);
}

/** `halfvec`. @returns where the field ends, or NO_ROOM */
export function writeHalfVector(components: Components, target: TupleTarget, at: number): number {
  const end = startVector(components.length, 2, target, at);
  if (end === NO_ROOM) return NO_ROOM;
  const { view } = target;
  let to = at + 8;
  for (let i = 0; i < components.length; i += 1, to += 2) {
    view.setUint16(to, halfBits(components[i] ?? 0));
  }
  return end;
}

/** `sparsevec`, from all components: those that are zero are left out. @returns where the field ends, or NO_ROOM */
export function writeSparseVector(components: Components, target: TupleTarget, at: number): number {
  const { length } = components;
  let filled = 0;
  for (let i = 0; i < length; i += 1) if (isFilled(components[i])) filled += 1;
  if (length === 0 || filled > MOST_COMPONENTS) throw new TextNeededError();
  const start = at + 16;
  const end = start + filled * 8;
  if (end > target.limit) return NO_ROOM;
  const { view } = target;
  view.setInt32(at, 12 + filled * 8);
  view.setInt32(at + 4, length);
  view.setInt32(at + 8, filled);
  view.setInt32(at + 12, 0);
  let to = start;
  for (let i = 0; i < length; i += 1) {
    if (!isFilled(components[i])) continue;
    view.setInt32(to, i);
    view.setFloat32(to + filled * 4, components[i] ?? 0);
    to += 4;
  }
  return end;
}

/** What rounds to zero is one: pgvector stores none. */
function isFilled(component: number | undefined): boolean {
  return Math.fround(component ?? 0) !== 0;
}

/** Length, dimensions and the unused half word. */
function startVector(
  length: number,
  componentBytes: number,
  { view, limit }: TupleTarget,
  at: number,
): number {
  if (length === 0 || length > MOST_COMPONENTS) throw new TextNeededError();
  const end = at + 8 + length * componentBytes;
  if (end > limit) return NO_ROOM;
  view.setInt32(at, 4 + length * componentBytes);
  view.setInt16(at + 4, length);
  view.setInt16(at + 6, 0);
  return end;
}
