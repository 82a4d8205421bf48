/** numeric, from digits with a point between them or without one: what files are full of. */

import { MINUS, ZERO } from '../../core/ascii.ts';
import { digitAt, pointOf } from './digits.ts';
import { type FieldReader, NO_ROOM, NOT_READ, type TupleTarget } from './native-form.ts';

const NEGATIVE = 0x4000;
/** Longer ones are left to the codec. */
const MOST_BYTES = 200;

/** @param mostWhole digits before the point that need no closer look, zeros at the beginning counted */
export function decimalReader(mostWhole: number): FieldReader {
  return (source, from, to, target, at) => {
    const start = source[from] === MINUS ? from + 1 : from;
    if (to - start > MOST_BYTES) return NOT_READ;
    const point = pointOf(source, start, to, mostWhole);
    if (point < 0) return NOT_READ;
    const sign = start > from ? NEGATIVE : 0;
    return writeDigits(source, { start, point, to, sign }, target, at);
  };
}

interface Places {
  readonly start: number;
  readonly point: number;
  readonly to: number;
  readonly sign: number;
}

/** Digits to the base 10,000, grouped from the point outwards; groups of zeros at both ends are left out. */
function writeDigits(
  source: Uint8Array,
  { start, point, to, sign }: Places,
  { view, limit }: TupleTarget,
  at: number,
): number {
  let first = start;
  while (first < point && source[first] === ZERO) first += 1;
  const before = Math.ceil((point - first) / 4);
  const scale = Math.max(0, to - point - 1);
  const groups = before + Math.ceil(scale / 4);
  const digits = at + 12;
  if (digits + groups * 2 > limit) return NO_ROOM;
  let weight = before - 1;
  let end = digits;
  let last = digits;
  for (let group = 0; group < groups; group += 1) {
    const from = group < before ? point - 4 * (before - group) : point + 1 + 4 * (group - before);
    const value = groupAt(source, from, { first, to });
    if (end === digits && value === 0) weight -= 1;
    else {
      view.setInt16(end, value);
      end += 2;
      if (value !== 0) last = end;
    }
  }
  const count = (last - digits) / 2;
  view.setInt32(at, 8 + count * 2);
  view.setInt16(at + 4, count);
  view.setInt16(at + 6, count === 0 ? 0 : weight);
  view.setUint16(at + 8, count === 0 ? 0 : sign);
  view.setInt16(at + 10, scale);
  return last;
}

/** Four digits; those past either end are zeros. */
function groupAt(
  source: Uint8Array,
  from: number,
  { first, to }: { readonly first: number; readonly to: number },
): number {
  let value = 0;
  for (let i = from; i < from + 4; i += 1)
    value = value * 10 + (i >= first && i < to ? digitAt(source, i) : 0);
  return value;
}
