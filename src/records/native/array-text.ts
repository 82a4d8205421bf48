/** Arrays of one dimension from their text: as PostgreSQL writes it, `{1,NULL,"a b"}`, or as JSON. All others are left to the codec. */

import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SMALL_LETTER,
} from '../../core/ascii.ts';
import { endOfPlainText, endOfValue } from '../../core/json-bytes.ts';
import { endFlatArray, startFlatArray, startOfElements, writeNullElement } from './arrays.ts';
import { endField, type FieldReader, NO_ROOM, NOT_READ, type TupleTarget } from './native-form.ts';
import { endOfSpace, startOfSpace } from './spaces.ts';

/** Finds the element that begins at a byte. */
interface ElementFinder {
  /** @returns where it ends; NOT_READ for one that is left to the codec */
  find(source: Buffer, at: number, to: number): number;
  /** Bytes of the element that was found last, if it is not NULL. */
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  readonly isNull: boolean;
}

interface ArraySyntax {
  readonly open: number;
  readonly close: number;
  readonly finder: ElementFinder;
  readonly element: FieldReader;
}

/** @param element reads the text of one */
export function arrayReader(element: FieldReader, elementOid: number): FieldReader {
  const finder = new TextElement();
  return flatReader({ open: OPEN_BRACE, close: CLOSE_BRACE, finder, element }, elementOid);
}

/** The same for an array of well-formed JSON. */
export function jsonArrayReader(element: FieldReader, elementOid: number): FieldReader {
  const finder = new JsonElement();
  return flatReader({ open: OPEN_BRACKET, close: CLOSE_BRACKET, finder, element }, elementOid);
}

function flatReader(syntax: ArraySyntax, elementOid: number): FieldReader {
  const { open, close } = syntax;
  const readElements = elementsReader(syntax);
  return (source, from, to, target, start) => {
    const first = endOfSpace(source, from, to);
    const last = startOfSpace(source, first, to) - 1;
    if (last <= first || source[first] !== open || source[last] !== close) return NOT_READ;
    const at = endOfSpace(source, first + 1, last);
    const isEmpty = at === last;
    const put = startFlatArray({ isEmpty, elementOid }, target, start);
    if (put === NO_ROOM) return NO_ROOM;
    return endField(target, start, isEmpty ? put : readElements(source, at, last, target, start));
  };
}

/** Reads all that stands between the brackets into the array that begins at `start`. */
function elementsReader({ finder, element }: ArraySyntax): FieldReader {
  return (source, from, to, target, start) => {
    let put = startOfElements(start);
    let count = 1;
    for (let at = from; ; count += 1) {
      at = finder.find(source, at, to);
      if (at < 0) return NOT_READ;
      put = putElement(finder, element, target, { start, put });
      if (put < 0) return put;
      at = endOfSpace(source, at, to);
      if (at === to) break;
      if (source[at] !== COMMA) return NOT_READ;
      at = endOfSpace(source, at + 1, to);
    }
    endFlatArray(target, start, count);
    return put;
  };
}

/** @returns where the element ends in the target, NO_ROOM or NOT_READ */
function putElement(
  { bytes, from, to, isNull }: ElementFinder,
  element: FieldReader,
  target: TupleTarget,
  { start, put }: { readonly start: number; readonly put: number },
): number {
  if (isNull) return writeNullElement(target, start, put);
  // Those of fixed size do not look whether there is room.
  return put > target.limit ? NO_ROOM : element(bytes, from, to, target, put);
}

const NULL = Buffer.from('null');
/** A longer element with escapes is left to the codec. */
const MOST_UNESCAPED = 4096;

/** Bytes that no bare element has. */
const NOT_BARE = new Uint8Array(256);
for (const byte of [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE]) NOT_BARE[byte] = 1;

/** An element in the syntax of arrays: bare, or in quotes, where a backslash stands before any character. */
class TextElement implements ElementFinder {
  readonly #unescaped = Buffer.alloc(MOST_UNESCAPED);
  bytes: Buffer = this.#unescaped;
  from = 0;
  to = 0;
  isNull = false;

  find(source: Buffer, at: number, to: number): number {
    this.bytes = source;
    this.isNull = false;
    return source[at] === QUOTE ? this.#quoted(source, at + 1, to) : this.#bare(source, at, to);
  }

  #bare(source: Buffer, from: number, to: number): number {
    let at = from;
    for (; at < to; at += 1) {
      const byte = source[at] as number;
      if (byte === COMMA) break;
      if (NOT_BARE[byte] !== 0) return NOT_READ;
    }
    const end = startOfSpace(source, from, at);
    this.from = from;
    this.to = end;
    this.isNull = isNullWord(source, from, end);
    return end > from ? at : NOT_READ;
  }

  #quoted(source: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to && source[at] !== QUOTE && source[at] !== BACKSLASH) at += 1;
    this.from = from;
    this.to = at;
    if (at >= to) return NOT_READ;
    return source[at] === QUOTE ? at + 1 : this.#escaped(source, from, to);
  }

  #escaped(source: Buffer, from: number, to: number): number {
    let put = 0;
    for (let at = from; at < to && put < MOST_UNESCAPED; at += 1) {
      if (source[at] === QUOTE) {
        this.bytes = this.#unescaped;
        this.from = 0;
        this.to = put;
        return at + 1;
      }
      if (source[at] === BACKSLASH) at += 1;
      this.#unescaped[put++] = source[at] as number;
    }
    return NOT_READ;
  }
}

function isNullWord(source: Uint8Array, from: number, to: number): boolean {
  if (to - from !== NULL.length) return false;
  for (let i = 0; i < NULL.length; i += 1)
    if (((source[from + i] as number) | SMALL_LETTER) !== NULL[i]) return false;
  return true;
}

const N = 0x6e;

/** An element of a JSON array: a number, a word, or a string without escapes. */
class JsonElement implements ElementFinder {
  bytes: Buffer = NULL;
  from = 0;
  to = 0;
  isNull = false;

  find(source: Buffer, at: number): number {
    const first = source[at];
    this.bytes = source;
    this.isNull = first === N;
    if (first === OPEN_BRACE || first === OPEN_BRACKET) return NOT_READ;
    if (first !== QUOTE) {
      this.from = at;
      this.to = endOfValue(source, at);
      return this.to;
    }
    this.from = at + 1;
    this.to = endOfPlainText(source, at + 1);
    return source[this.to] === QUOTE ? this.to + 1 : NOT_READ;
  }
}
