/** Vectors of pgvector and of Relyt, from arrays of numbers. */

import { PIECE_LENGTH } from '../../core/text-windows.ts';
import { LongArray } from '../long-array.ts';
import { isHalfway } from '../native/decimal-number.ts';
import { type FieldReader, readNothing, type TupleTarget } from '../native/native-form.ts';
import { writeText } from '../native/text-bytes.ts';
import { denseReader, readSparse } from '../native/vector-text.ts';
import {
  type Components,
  MOST_COMPONENTS,
  writeHalfVector,
  writeSparseVector,
  writeVector,
} from '../native/vectors.ts';
import { firstOf } from './array-shape.ts';
import type { Codec, Overflow } from './codec.ts';
import { numberText } from './float.ts';
import { beginsWithBracket } from './kept-text.ts';
import { stageable } from './plain-text.ts';
import { Refusal } from './refusal.ts';

type WriteComponents = (components: Components, target: TupleTarget, at: number) => number;

interface VectorType {
  /** A component of this or more would round to infinity: halfway to the next power of two. */
  readonly limit: number;
  readonly text: (components: Components, overflow: Overflow | undefined) => string;
  /** Absent for Relyt's, whose binary form is not known. */
  readonly native?: {
    readonly write: WriteComponents;
    readonly read: FieldReader;
    /** Reads arrays of JSON. @param dimensions not looked at unless positive */
    readonly arrayReader?: (dimensions: number) => FieldReader;
  };
  /** Most components, where it is known. */
  readonly most?: number;
  /** Its text lists all components. */
  readonly isDense: boolean;
}

/** Less rounds to a single that rounds to a half. */
const HALF_LIMIT = 65_520 - 2 ** -9;
const SINGLE_LIMIT = 2 ** 128 - 2 ** 103;

const VECTORS: ReadonlyMap<string, VectorType> = new Map<string, VectorType>([
  ['vector', native('single', SINGLE_LIMIT, writeVector)],
  ['halfvec', native('half', HALF_LIMIT, writeHalfVector)],
  [
    'sparsevec',
    {
      limit: SINGLE_LIMIT,
      text: sparseText,
      isDense: false,
      native: { write: writeSparseVector, read: readSparse },
    },
  ],
  ['vecf32', dense(SINGLE_LIMIT)],
  ['vecf16', dense(HALF_LIMIT)],
]);

function dense(limit: number): VectorType {
  return { limit, text: denseText, isDense: true };
}

function native(precision: 'single' | 'half', limit: number, write: WriteComponents): VectorType {
  const arrayReader = (dimensions: number) => denseReader({ precision, limit, dimensions });
  const read = arrayReader(0);
  return { ...dense(limit), most: MOST_COMPONENTS, native: { write, read, arrayReader } };
}

const HINT = 'Pass an array of numbers, a typed array, or a string such as "[1,2,3]".';

export function isVector(typeName: string): boolean {
  return VECTORS.has(typeName);
}

/**
 * @param dimensions of the column, taken from its type modifier; not checked unless positive
 */
export function vectorCodec(typeName: string, dimensions: number): Codec {
  const type = VECTORS.get(typeName) ?? dense(SINGLE_LIMIT);
  const { limit, text, native: form } = type;
  const given = (value: unknown) => fromNumerals(value, dimensions, type);
  const checked = (value: unknown) => checkedComponents(value, dimensions, limit);
  const codec: Codec = {
    takesArrays: true,
    isKept: beginsWithBracket,
    encode: (value, overflow) => {
      const is = given(value);
      return typeof is === 'string' ? givenText(is) : text(checked(is), overflow);
    },
  };
  if (form === undefined) return codec;
  const { read, write } = form;
  return {
    ...codec,
    native: {
      read,
      readArray: form.arrayReader?.(dimensions) ?? readNothing,
      write(value, target, at) {
        const is = given(value);
        if (typeof is === 'string') return writeText(read, givenText(is), target, at);
        return write(checked(is), target, at);
      },
    },
  };
}

/** As JSON writes numbers. */
const NUMERAL = /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/;

/** Numbers of a JSON file are their digits, which the server is to round, and not this program before it. */
function fromNumerals(value: unknown, dimensions: number, { most, isDense }: VectorType): unknown {
  if (!Array.isArray(value) && !(value instanceof LongArray)) return value;
  const { length } = value;
  if (most !== undefined && value instanceof LongArray && length > most)
    throw new Refusal(value, `has ${length} components, more than the ${most} of a vector`);
  if (typeof firstOf(value) !== 'string') return value;
  if (dimensions > 0 && length !== dimensions)
    throw new Refusal(value, `has ${length} components, not ${dimensions}`);
  const numerals = Array.from(value, (component, index) => {
    if (typeof component === 'string' && NUMERAL.test(component)) return component;
    throw new Refusal(value, `has at index ${index} something that is not a number`);
  });
  return isDense ? `[${numerals.join(',')}]` : numerals.map(Number);
}

function givenText(text: string): string {
  if (text !== '') return stageable(text);
  throw new Refusal(text, 'is not a vector', { hint: HINT });
}

function checkedComponents(value: unknown, dimensions: number, limit: number): Components {
  const components = value instanceof Float32Array ? value : componentsOf(value);
  if (dimensions > 0 && components.length !== dimensions) {
    throw new Refusal(value, `has ${components.length} components, not ${dimensions}`);
  }
  const wrong =
    components instanceof Float32Array ? outside(components, limit) : notWithin(components, limit);
  if (wrong !== -1) throw new Refusal(value, wrongComponent(components[wrong], wrong, limit));
  return components as Components;
}

/** Index of the first component that is not a number within the limit, or -1. The comparison also catches NaN. */
function notWithin(components: ArrayLike<unknown>, limit: number): number {
  for (let i = 0; i < components.length; i += 1) {
    const component = components[i];
    if (typeof component !== 'number' || !(component < limit && component > -limit)) return i;
  }
  return -1;
}

/** The same in a loop that meets only one kind of array, which makes it fast. */
function outside(components: Float32Array, limit: number): number {
  for (let i = 0; i < components.length; i += 1) {
    const component = components[i] ?? 0;
    if (!(component < limit && component > -limit)) return i;
  }
  return -1;
}

function componentsOf(value: unknown): ArrayLike<unknown> {
  if (Array.isArray(value)) return value;
  if (value instanceof LongArray) return Array.from(value);
  if (ArrayBuffer.isView(value) && 'length' in value) return value as unknown as ArrayLike<unknown>;
  throw new Refusal(value, 'is not a vector', { hint: HINT });
}

function denseText(components: Components, overflow: Overflow | undefined): string {
  let text = '[';
  for (let i = 0; i < components.length; i += 1) {
    text += i === 0 ? componentText(components[i]) : `,${componentText(components[i])}`;
    text = handedOver(text, overflow);
  }
  return `${text}]`;
}

/** `{1:0.5,3:2}/4`: counted from 1, zeros left out. */
function sparseText(components: Components, overflow: Overflow | undefined): string {
  let text = '{';
  let separator = '';
  for (let i = 0; i < components.length; i += 1) {
    const component = components[i];
    if (component === undefined || Math.fround(component) === 0) continue;
    text = handedOver(`${text}${separator}${i + 1}:${componentText(component)}`, overflow);
    separator = ',';
  }
  return `${text}}/${components.length}`;
}

/** What is left of a string whose beginning may go into the overflow. */
function handedOver(text: string, overflow: Overflow | undefined): string {
  if (overflow === undefined || text.length < PIECE_LENGTH) return text;
  overflow.add(text);
  return '';
}

/** Read as a single by the server, which must not round it twice. */
function componentText(component = 0): string {
  return numberText(isHalfway(component) ? Math.fround(component) : component);
}

function wrongComponent(component: unknown, index: number, limit: number): string {
  const place = `has at index ${index}`;
  if (typeof component !== 'number') return `${place} something that is not a number`;
  if (Number.isFinite(component)) return `${place} a number of ${limit.toPrecision(6)} or more`;
  return `${place} ${component}, which a vector cannot hold`;
}
