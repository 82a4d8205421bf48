/**
 * JavaScript source for the values most records are made of. Each path must write what the column's
 * codec writes, or leave the value to it; a property test holds the two together.
 */

import type { FastPath } from './codecs/codec.ts';
import { FIRST_MS } from './codecs/utc-text.ts';

/** A condition under which `field` is the CSV field of the value; `{v}` stands for the value, `{i}` for the column's number. */
interface Path {
  readonly when: string;
  readonly field: string;
}

/** Numbers next to the ends of the range of `real`, or in the middle of two, are left to the codec, which knows how they round. */
const SINGLE_SAFE = '({v} > 1e-37 && {v} < 3e38 || {v} < -1e-37 && {v} > -3e38) && !isHalfway({v})';

export const FAST_PATHS: Readonly<Record<FastPath, Path>> = {
  int2: { when: 'typeof {v} === "number" && {v} << 16 >> 16 === {v}', field: '{v}' },
  int4: { when: 'typeof {v} === "number" && ({v} | 0) === {v}', field: '{v}' },
  int8: {
    when: 'typeof {v} === "number" ? isSafeInteger({v}) : typeof {v} === "bigint" && BigInt.asIntN(64, {v}) === {v}',
    field: '{v}',
  },
  // Zero has a sign, which String drops.
  number: { when: 'typeof {v} === "number" && {v} !== 0', field: '{v}' },
  float4: { when: `typeof {v} === "number" && ${SINGLE_SAFE}`, field: '{v}' },
  bool: { when: 'typeof {v} === "boolean"', field: '({v} ? "t" : "f")' },
  text: {
    when: 'typeof {v} === "string" && {v} !== "" && {v}.length <= maxLength{i} && !notBare.test({v})',
    field: '{v}',
  },
  instant: {
    when: `{v} instanceof Date && {v}.getTime() >= ${FIRST_MS}`,
    field: 'writeInstant{i}({v}.getTime())',
  },
};

/** Text that is refused, or quoted, or must be looked at closer: the codec handles it. One class is what a search is fastest for. */
export const NOT_BARE = /[",\n\r\\\0\ud800-\udfff]/;
