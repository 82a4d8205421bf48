/** Arrays of any element type, in PostgreSQL's own syntax: `{1,NULL,"a b"}`. */

import type { ColumnType } from '../../core/target-table.ts';
import type { Codec } from './codec.ts';
import { stageable } from './plain-text.ts';
import { Refusal } from './refusal.ts';

/** PostgreSQL's MAXDIM. */
const MOST_DIMENSIONS = 6;
/** Texts made of these only, and not the word NULL, need no quotes whatever the delimiter is. */
const BARE = /^(?!null$)[\w.+:-]+$/i;
const NUMERIC: ReadonlySet<string> = new Set([
  'int2',
  'int4',
  'int8',
  'oid',
  'float4',
  'float8',
  'numeric',
]);
const ARRAY_TEXT = /^[ \t-\r]*[{[]/;

export function arrayCodec(elementType: ColumnType, element: Codec): Codec {
  const writer = new ArrayWriter(elementType, element);
  return {
    encode(value) {
      if (typeof value === 'string') {
        if (ARRAY_TEXT.test(value)) return stageable(value);
        throw new Refusal(value, 'is not an array', {
          hint: 'Pass an array, or a string such as "{1,2,3}".',
          preview: false,
        });
      }
      return writer.write(value);
    },
  };
}

class ArrayWriter {
  readonly #element: Codec;
  readonly #delimiter: string;
  readonly #takesTypedArrays: boolean;

  constructor(type: ColumnType, element: Codec) {
    this.#element = element;
    this.#delimiter = type.delimiter;
    this.#takesTypedArrays = NUMERIC.has(type.name);
  }

  write(value: unknown): string {
    if (!this.#isArray(value)) {
      throw new Refusal(value, 'is not an array', {
        hint: 'Pass an array (Array.from turns a Set or an iterator into one).',
      });
    }
    if (value.length === 0) return '{}';
    const shape = this.#shapeOf(value);
    return this.#level(value, shape, 0);
  }

  #isArray(value: unknown): value is ArrayLike<unknown> {
    if (Array.isArray(value)) return true;
    return this.#takesTypedArrays && ArrayBuffer.isView(value) && !(value instanceof DataView);
  }

  /** Lengths by dimension, read along the first elements; every other sub-array must agree. */
  #shapeOf(value: ArrayLike<unknown>): readonly number[] {
    const shape = [value.length];
    if (this.#element.takesArrays === true) return shape;
    let first = value[0];
    while (this.#isArray(first)) {
      if (first.length === 0) throw new Refusal(value, 'holds an empty array inside an array');
      shape.push(first.length);
      // Checked inside the loop: an array may hold itself.
      if (shape.length > MOST_DIMENSIONS) {
        throw new Refusal(value, `has more than ${MOST_DIMENSIONS} dimensions`);
      }
      first = first[0];
    }
    return shape;
  }

  #level(values: ArrayLike<unknown>, shape: readonly number[], depth: number): string {
    if (values.length !== shape[depth]) throw ragged(values);
    const innermost = depth === shape.length - 1;
    let text = '{';
    for (let i = 0; i < values.length; i += 1) {
      if (i > 0) text += this.#delimiter;
      const value = values[i];
      if (innermost) text += this.#elementText(value, i);
      else if (this.#isArray(value)) text += this.#level(value, shape, depth + 1);
      else throw ragged(values);
    }
    return `${text}}`;
  }

  #elementText(value: unknown, index: number): string {
    if (value === null || value === undefined) return 'NULL';
    if (this.#element.takesArrays !== true && this.#isArray(value)) throw ragged([value]);
    try {
      const text = this.#element.encode(value);
      return BARE.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
    } catch (error) {
      throw error instanceof Refusal ? error.inElement(index) : error;
    }
  }
}

function ragged(value: unknown): Refusal {
  return new Refusal(value, 'is an array whose sub-arrays differ in length or depth', {
    hint: 'PostgreSQL arrays are rectangular; use a jsonb column for other shapes.',
  });
}
