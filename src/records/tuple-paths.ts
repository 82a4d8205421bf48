/**
 * JavaScript source for the values most records are made of, written straight into a tuple. Each path must write what
 * the column's codec writes, or leave the value to it; a property test holds the two together.
 */

import type { NativePath } from './native/native-form.ts';

/** A condition under which `write` writes the field of the value; `{v}` stands for the value, `{i}` for the column's number. */
interface TuplePath {
  readonly when: string;
  readonly write: string;
}

/** Numbers next to the ends of the range of `real` are left to the codec, which knows how they round. */
const SINGLE_SAFE = '({v} > 1e-37 && {v} < 3e38 || {v} < -1e-37 && {v} > -3e38)';
/** Milliseconds whose microseconds are safe integers, counted from 2000. */
const SAFE_INSTANT =
  '{v} instanceof Date && (ms = {v}.getTime() - 946684800000) > -9e12 && ms < 9e12';

export const TUPLE_PATHS: Readonly<Record<NativePath, TuplePath>> = {
  int2: {
    when: 'typeof {v} === "number" && {v} << 16 >> 16 === {v}',
    write: 'view.setInt32(at, 2); view.setInt16(at + 4, {v}); at += 6;',
  },
  int4: {
    when: 'typeof {v} === "number" && ({v} | 0) === {v}',
    write: 'view.setInt32(at, 4); view.setInt32(at + 4, {v}); at += 8;',
  },
  int8: {
    when: 'typeof {v} === "number" && isSafeInteger({v})',
    write:
      'view.setInt32(at, 8); view.setInt32(at + 4, Math.floor({v} / 4294967296)); view.setInt32(at + 8, {v}); at += 12;',
  },
  float8: {
    when: 'typeof {v} === "number"',
    write: 'view.setInt32(at, 8); view.setFloat64(at + 4, {v}); at += 12;',
  },
  float4: {
    when: `typeof {v} === "number" && ${SINGLE_SAFE}`,
    write: 'view.setInt32(at, 4); view.setFloat32(at + 4, {v}); at += 8;',
  },
  bool: {
    when: 'typeof {v} === "boolean"',
    write: 'view.setInt32(at, 1); bytes[at + 4] = {v} ? 1 : 0; at += 5;',
  },
  text: {
    when: 'typeof {v} === "string" && {v}.length <= maxLength{i} && (end = writeShortAscii({v}, target, at)) !== -1',
    write: 'at = end;',
  },
  instant: {
    when: SAFE_INSTANT,
    write:
      'view.setInt32(at, 8); view.setInt32(at + 4, Math.floor(ms * 1000 / 4294967296)); view.setInt32(at + 8, ms * 1000); at += 12;',
  },
};
