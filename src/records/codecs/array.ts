/** Arrays of any element type: as text in PostgreSQL's own syntax, `{1,NULL,"a b"}`, or with their elements' binary form. */

import type { ColumnType } from '../../core/target-table.ts';
import { PIECE_LENGTH } from '../../core/text-windows.ts';
import { arrayReader, jsonArrayReader } from '../native/array-text.ts';
import { elementOid, startArray, writeElement, writeNullElement } from '../native/arrays.ts';
import {
  endField,
  type FieldReader,
  type NativeForm,
  NO_ROOM,
  readNothing,
  type TupleTarget,
} from '../native/native-form.ts';
import { writeText } from '../native/text-bytes.ts';
import { ArrayShape, eachElement } from './array-shape.ts';
import type { Codec, Overflow } from './codec.ts';
import { beginsWithBracket } from './kept-text.ts';
import { stageable } from './plain-text.ts';
import { Refusal } from './refusal.ts';

/** Texts made of these only, and not the word NULL, need no quotes whatever the delimiter is. */
const BARE = /^(?!null$)[\w.+:-]+$/i;
const ARRAY_TEXT = /^[ \t-\r]*[{[]/;

export function arrayCodec(elementType: ColumnType, element: Codec): Codec {
  const shape = new ArrayShape(elementType, element);
  const writer = new ArrayText(shape, element, elementType.delimiter);
  const codec: Codec = {
    isKept: beginsWithBracket,
    encode: (value, overflow) =>
      typeof value === 'string' ? givenText(value) : writer.write(value, overflow),
  };
  const oid = elementOid(elementType.name);
  if (element.native === undefined || oid === undefined) return codec;
  return { ...codec, native: new NativeArray(shape, element.native, oid) };
}

function givenText(value: string): string {
  if (ARRAY_TEXT.test(value)) return stageable(value);
  throw new Refusal(value, 'is not an array', {
    hint: 'Pass an array, or a string such as "{1,2,3}".',
    preview: false,
  });
}

interface Level {
  readonly lengths: readonly number[];
  readonly depth: number;
  /** Text of the array before it. */
  readonly before: string;
  readonly overflow: Overflow | undefined;
}

class ArrayText {
  readonly #shape: ArrayShape;
  readonly #element: Codec;
  readonly #delimiter: string;

  constructor(shape: ArrayShape, element: Codec, delimiter: string) {
    this.#shape = shape;
    this.#element = element;
    this.#delimiter = delimiter;
  }

  write(value: unknown, overflow: Overflow | undefined): string {
    const lengths = this.#shape.lengthsOf(value);
    if (lengths.length === 0) return '{}';
    return this.#level(value, { lengths, depth: 0, before: '', overflow });
  }

  /** The text up to the end of this level, as far as it is not put into the overflow. */
  #level(value: unknown, { lengths, depth, before, overflow }: Level): string {
    const innermost = depth === lengths.length - 1;
    let text = `${before}{`;
    eachElement(this.#shape.level(value, lengths[depth]), (item, i) => {
      if (i > 0) text += this.#delimiter;
      if (innermost) text += this.#elementText(item, i);
      else text = this.#level(item, { lengths, depth: depth + 1, before: text, overflow });
      if (overflow !== undefined && text.length >= PIECE_LENGTH) {
        overflow.add(text);
        text = '';
      }
      return true;
    });
    return `${text}}`;
  }

  #elementText(value: unknown, index: number): string {
    if (value === null || value === undefined) return 'NULL';
    try {
      const text = this.#element.encode(this.#shape.element(value));
      return BARE.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
    } catch (error) {
      throw inElement(error, index);
    }
  }
}

/** An array on its way into a tuple. */
interface Writing {
  readonly target: TupleTarget;
  /** Where its field begins. */
  readonly start: number;
  readonly lengths: readonly number[];
}

class NativeArray implements NativeForm {
  readonly #shape: ArrayShape;
  readonly #element: NativeForm;
  readonly #elementOid: number;
  readonly read: FieldReader;
  readonly readArray: FieldReader;

  constructor(shape: ArrayShape, element: NativeForm, oid: number) {
    this.#shape = shape;
    this.#element = element;
    this.#elementOid = oid;
    const read = element.read ?? readNothing;
    this.read = arrayReader(read, oid);
    this.readArray = jsonArrayReader(read, oid);
  }

  write(value: unknown, target: TupleTarget, at: number): number {
    if (typeof value === 'string') return writeText(this.read, givenText(value), target, at);
    const lengths = this.#shape.lengthsOf(value);
    const from = startArray({ lengths, elementOid: this.#elementOid }, target, at);
    if (from === NO_ROOM || lengths.length === 0) return endField(target, at, from);
    return endField(target, at, this.#level(value, { target, start: at, lengths }, 0, from));
  }

  #level(value: unknown, writing: Writing, depth: number, from: number): number {
    const { target, start, lengths } = writing;
    const innermost = depth === lengths.length - 1;
    let at = from;
    eachElement(this.#shape.level(value, lengths[depth]), (item, i) => {
      if (!innermost) at = this.#level(item, writing, depth + 1, at);
      else if (item === null || item === undefined) at = writeNullElement(target, start, at);
      else at = this.#elementAt(item, i, target, at);
      return at !== NO_ROOM;
    });
    return at;
  }

  #elementAt(value: unknown, index: number, target: TupleTarget, at: number): number {
    try {
      return writeElement(this.#element, this.#shape.element(value), target, at);
    } catch (error) {
      throw inElement(error, index);
    }
  }
}

function inElement(error: unknown, index: number): unknown {
  return error instanceof Refusal ? error.inElement(index) : error;
}
