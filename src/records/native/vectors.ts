/** pgvector's types: a header, then the components as single or half precision. */

import { halfBits } from './floats.ts';
import { NO_ROOM, TextNeededError, type TupleTarget } from './native-form.ts';

/** What pgvector takes in one value, which its receive functions check. */
export const MOST_COMPONENTS = 16_000;

export type Components = ArrayLike<number>;

/** Writes a component that is a single or, for `halfvec`, rounds to a half. */
export type PutComponent = (view: DataView, at: number, component: number) => void;

export const putSingle: PutComponent = (view, at, component) => view.setFloat32(at, component);

export const putHalf: PutComponent = (view, at, component) =>
  view.setUint16(at, halfBits(component));

/** `vector`. @returns where the field ends, or NO_ROOM */
export function writeVector(components: Components, target: TupleTarget, at: number): number {
  const end = denseEnd(components.length, 4, target, at);
  if (end === NO_ROOM) return NO_ROOM;
  endDenseVector(components.length, target, at, end);
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
  const end = denseEnd(components.length, 2, target, at);
  if (end === NO_ROOM) return NO_ROOM;
  endDenseVector(components.length, target, at, end);
  const { view } = target;
  let to = at + 8;
  for (let i = 0; i < components.length; i += 1, to += 2) putHalf(view, to, components[i] ?? 0);
  return end;
}

/** `sparsevec`, from all components: those that are zero are left out. @returns where the field ends, or NO_ROOM */
export function writeSparseVector(components: Components, target: TupleTarget, at: number): number {
  const { length } = components;
  let filled = 0;
  for (let i = 0; i < length; i += 1) if (isFilled(components[i])) filled += 1;
  if (length === 0 || filled > MOST_COMPONENTS) throw new TextNeededError();
  const end = startSparseVector({ dimensions: length, filled }, target, at);
  if (end === NO_ROOM) return NO_ROOM;
  const { view } = target;
  let to = at + 16;
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

/** @returns where the field of a dense vector ends, or NO_ROOM */
function denseEnd(
  length: number,
  componentBytes: number,
  { limit }: TupleTarget,
  at: number,
): number {
  if (length === 0 || length > MOST_COMPONENTS) throw new TextNeededError();
  const end = at + 8 + length * componentBytes;
  return end > limit ? NO_ROOM : end;
}

/** Length, dimensions and the unused half word, before the components. */
export function endDenseVector(
  length: number,
  { view }: TupleTarget,
  at: number,
  end: number,
): void {
  view.setInt32(at, end - at - 4);
  view.setInt16(at + 4, length);
  view.setInt16(at + 6, 0);
}

interface SparseShape {
  readonly dimensions: number;
  /** How many components are not zero. */
  readonly filled: number;
}

/** All but the indices and the components, which follow them. @returns where the field ends, or NO_ROOM */
export function startSparseVector(
  { dimensions, filled }: SparseShape,
  { view, limit }: TupleTarget,
  at: number,
): number {
  const end = at + 16 + filled * 8;
  if (end > limit) return NO_ROOM;
  view.setInt32(at, 12 + filled * 8);
  view.setInt32(at + 4, dimensions);
  view.setInt32(at + 8, filled);
  view.setInt32(at + 12, 0);
  return end;
}
