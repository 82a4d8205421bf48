/** What counts as an array in JavaScript, and which dimensions PostgreSQL would give it. */

import type { ColumnType } from '../../core/target-table.ts';
import { LongArray } from '../long-array.ts';
import type { Codec } from './codec.ts';
import { Refusal } from './refusal.ts';

/** PostgreSQL's MAXDIM. */
const MOST_DIMENSIONS = 6;
const NUMERIC: ReadonlySet<string> = new Set([
  'int2',
  'int4',
  'int8',
  'oid',
  'float4',
  'float8',
  'numeric',
]);

export type Elements = ArrayLike<unknown> | LongArray;

export class ArrayShape {
  readonly #elementsAreArrays: boolean;
  readonly #takesTypedArrays: boolean;

  constructor(type: ColumnType, element: Codec) {
    this.#elementsAreArrays = element.takesArrays === true;
    this.#takesTypedArrays = NUMERIC.has(type.name);
  }

  /** Lengths by dimension, read along the first elements; none for an empty array. @throws Refusal */
  lengthsOf(value: unknown): readonly number[] {
    if (!this.#isArray(value)) {
      throw new Refusal(value, 'is not an array', {
        hint: 'Pass an array (Array.from turns a Set or an iterator into one).',
      });
    }
    if (value.length === 0) return [];
    const lengths = [value.length];
    if (this.#elementsAreArrays) return lengths;
    let first = firstOf(value);
    while (this.#isArray(first)) {
      if (first.length === 0) throw new Refusal(value, 'holds an empty array inside an array');
      lengths.push(first.length);
      // Checked inside the loop: an array may hold itself.
      if (lengths.length > MOST_DIMENSIONS) {
        throw new Refusal(value, `has more than ${MOST_DIMENSIONS} dimensions`);
      }
      first = firstOf(first);
    }
    return lengths;
  }

  /** What is at one level, which must be as long as its dimension. @throws Refusal */
  level(value: unknown, length: number | undefined): Elements {
    if (this.#isArray(value) && value.length === length) return value;
    throw ragged(value);
  }

  /** A value of the innermost level. @throws Refusal when it is an array itself */
  element(value: unknown): unknown {
    if (!this.#elementsAreArrays && this.#isArray(value)) throw ragged([value]);
    return value;
  }

  #isArray(value: unknown): value is Elements {
    if (Array.isArray(value) || value instanceof LongArray) return true;
    return this.#takesTypedArrays && ArrayBuffer.isView(value) && !(value instanceof DataView);
  }
}

/** Tells each element and its index, in order, until it is answered false. */
export function eachElement(
  values: Elements,
  tell: (value: unknown, index: number) => boolean,
): void {
  if (values instanceof LongArray) {
    let i = 0;
    for (const value of values) if (!tell(value, i++)) return;
  } else {
    for (let i = 0; i < values.length; i += 1) if (!tell(values[i], i)) return;
  }
}

export function firstOf(values: Elements): unknown {
  if (!(values instanceof LongArray)) return values[0];
  const [first] = values;
  return first;
}

function ragged(value: unknown): Refusal {
  return new Refusal(value, 'is an array whose sub-arrays differ in length or depth', {
    hint: 'Use a jsonb column for such values: PostgreSQL arrays are rectangular.',
  });
}
