/** Arrays of any element type, in PostgreSQL's own syntax: `{1,NULL,"a b"}`. */

import type { ColumnType } from '../../core/target-table.ts';
import { PIECE_LENGTH } from '../../core/text-windows.ts';
import { LongArray } from '../long-array.ts';
import type { Codec, Overflow } from './codec.ts';
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
    encode(value, overflow) {
      if (typeof value === 'string') {
        if (ARRAY_TEXT.test(value)) return stageable(value);
        throw new Refusal(value, 'is not an array', {
          hint: 'Pass an array, or a string such as "{1,2,3}".',
          preview: false,
        });
      }
      return writer.write(value, overflow);
    },
  };
}

type Elements = ArrayLike<unknown> | LongArray;

interface Level {
  /** Lengths by dimension. */
  readonly shape: readonly number[];
  readonly depth: number;
  /** Text of the array before it. */
  readonly before: string;
  readonly overflow: Overflow | undefined;
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

  write(value: unknown, overflow: Overflow | undefined): string {
    if (!this.#isArray(value)) {
      throw new Refusal(value, 'is not an array', {
        hint: 'Pass an array (Array.from turns a Set or an iterator into one).',
      });
    }
    if (value.length === 0) return '{}';
    const shape = this.#shapeOf(value);
    return this.#level(value, { shape, depth: 0, before: '', overflow });
  }

  #isArray(value: unknown): value is Elements {
    if (Array.isArray(value) || value instanceof LongArray) return true;
    return this.#takesTypedArrays && ArrayBuffer.isView(value) && !(value instanceof DataView);
  }

  /** Lengths by dimension, read along the first elements; every other sub-array must agree. */
  #shapeOf(value: Elements): readonly number[] {
    const shape = [value.length];
    if (this.#element.takesArrays === true) return shape;
    let first = firstOf(value);
    while (this.#isArray(first)) {
      if (first.length === 0) throw new Refusal(value, 'holds an empty array inside an array');
      shape.push(first.length);
      // Checked inside the loop: an array may hold itself.
      if (shape.length > MOST_DIMENSIONS) {
        throw new Refusal(value, `has more than ${MOST_DIMENSIONS} dimensions`);
      }
      first = firstOf(first);
    }
    return shape;
  }

  /** The text up to the end of this level, as far as it is not put into the overflow. */
  #level(values: Elements, { shape, depth, before, overflow }: Level): string {
    if (values.length !== shape[depth]) throw ragged(values);
    const innermost = depth === shape.length - 1;
    let text = `${before}{`;
    const add = (value: unknown, i: number) => {
      if (i > 0) text += this.#delimiter;
      if (innermost) text += this.#elementText(value, i);
      else if (!this.#isArray(value)) throw ragged(values);
      else text = this.#level(value, { shape, depth: depth + 1, before: text, overflow });
      if (overflow === undefined || text.length < PIECE_LENGTH) return;
      overflow.add(text);
      text = '';
    };
    if (values instanceof LongArray) {
      let i = 0;
      for (const value of values) add(value, i++);
    } else {
      for (let i = 0; i < values.length; i += 1) add(values[i], i);
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

function firstOf(values: Elements): unknown {
  if (!(values instanceof LongArray)) return values[0];
  const [first] = values;
  return first;
}

function ragged(value: unknown): Refusal {
  return new Refusal(value, 'is an array whose sub-arrays differ in length or depth', {
    hint: 'PostgreSQL arrays are rectangular; use a jsonb column for other shapes.',
  });
}
