/** pgvector's types from their texts. What the server would refuse, or reads in a way of its own, is not read. */

import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  SLASH,
} from '../../core/ascii.ts';
import { DecimalNumber } from './decimal-number.ts';
import { isDigits, safeInteger } from './digits.ts';
import { type FieldReader, NO_ROOM, NOT_READ, type TupleTarget } from './native-form.ts';
import { endOfSpace } from './spaces.ts';
import {
  endDenseVector,
  MOST_COMPONENTS,
  type PutComponent,
  putHalf,
  putSingle,
  startSparseVector,
} from './vectors.ts';

export interface DenseText {
  readonly precision: 'single' | 'half';
  /** A component of this or more would round to infinity. */
  readonly limit: number;
  /** Not looked at unless positive. */
  readonly dimensions: number;
}

const decimal = new DecimalNumber();

/** Reads `[1, 2.5,3e-4]`, which is also how JSON writes an array of numbers. */
export function denseReader({ precision, limit, dimensions }: DenseText): FieldReader {
  const componentBytes = precision === 'single' ? 4 : 2;
  const put = precision === 'single' ? putSingle : putHalf;
  const read = componentsReader(put, componentBytes, limit);
  return (source, from, to, target, start) => {
    const last = to - 1;
    if (last <= from || source[from] !== OPEN_BRACKET || source[last] !== CLOSE_BRACKET)
      return NOT_READ;
    const end = read(source, from + 1, last, target, start + 8);
    if (end < 0) return end;
    const count = (end - start - 8) / componentBytes;
    if (count > MOST_COMPONENTS || (dimensions > 0 && count !== dimensions)) return NOT_READ;
    endDenseVector(count, target, start, end);
    return end;
  };
}

/** Reads the components between the brackets. */
function componentsReader(
  putComponent: PutComponent,
  componentBytes: number,
  most: number,
): FieldReader {
  return (source, from, to, { view, limit }, start) => {
    let put = start;
    for (let at = from; ; at += 1) {
      const component = componentAt(source, endOfSpace(source, at, to), to);
      // NaN is not within the limit.
      if (!(component < most && component > -most)) return NOT_READ;
      if (put + componentBytes > limit) return NO_ROOM;
      putComponent(view, put, component);
      put += componentBytes;
      at = endOfSpace(source, decimal.end, to);
      if (at === to) return put;
      if (source[at] !== COMMA) return NOT_READ;
    }
  };
}

/** NaN where no number begins, and for one that is not read. */
function componentAt(source: Buffer, from: number, to: number): number {
  return decimal.scan(source, from, to) === from ? Number.NaN : decimal.single;
}

/** pgvector's limit for sparse vectors. */
const MOST_DIMENSIONS = 1_000_000_000;

/** Reads `{1:0.5,3:2}/4` without blanks and zeros, its indices in order. */
export const readSparse: FieldReader = (source, from, to, target, start) => {
  const slash = lastSlash(source, from, to);
  const dimensions = slash < 0 ? Number.NaN : safeInteger(source, slash + 1, to);
  if (!(dimensions >= 1 && dimensions <= MOST_DIMENSIONS)) return NOT_READ;
  const close = slash - 1;
  if (close <= from || source[from] !== OPEN_BRACE || source[close] !== CLOSE_BRACE)
    return NOT_READ;
  const filled = countOf(source, COLON, from, close);
  if (filled > MOST_COMPONENTS) return NOT_READ;
  const end = startSparseVector({ dimensions, filled }, target, start);
  if (end === NO_ROOM) return NO_ROOM;
  const pairs = { filled, dimensions, put: start + 16 };
  const at = filled === 0 ? from + 1 : readPairs(source, from + 1, close, target, pairs);
  return at === close ? end : NOT_READ;
};

interface Pairs {
  readonly filled: number;
  readonly dimensions: number;
  /** Where the first index stands. */
  readonly put: number;
}

/** Indices count from 1 in the text and from 0 in the field. @returns where the last pair ends, or NOT_READ */
function readPairs(
  source: Buffer,
  from: number,
  to: number,
  { view }: TupleTarget,
  { filled, dimensions, put }: Pairs,
): number {
  let at = from;
  let before = 0;
  for (let pair = 0; pair < filled; pair += 1) {
    if (pair > 0 && source[at++] !== COMMA) return NOT_READ;
    let colon = at;
    while (colon < to && source[colon] !== COLON) colon += 1;
    const index = isDigits(source, at, colon) ? safeInteger(source, at, colon) : Number.NaN;
    if (!(index > before && index <= dimensions)) return NOT_READ;
    const component = componentAt(source, colon + 1, to);
    if (Number.isNaN(component) || component === 0) return NOT_READ;
    at = decimal.end;
    view.setInt32(put + 4 * pair, index - 1);
    putSingle(view, put + 4 * (filled + pair), component);
    before = index;
  }
  return at;
}

/** Index of the slash before the number of dimensions, which has ten digits at most; -1 where none stands there. */
function lastSlash(source: Uint8Array, from: number, to: number): number {
  for (let at = to - 1; at >= from && at >= to - 11; at -= 1) if (source[at] === SLASH) return at;
  return -1;
}

function countOf(source: Uint8Array, byte: number, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1) if (source[at] === byte) count += 1;
  return count;
}
