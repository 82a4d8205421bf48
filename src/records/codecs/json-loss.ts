/** What JSON would lose of an object that is neither plain nor an array and has no toJSON of its own. */

import { types } from 'node:util';
import { privateFieldOf } from './private-field.ts';

/** Why the object has no JSON form, and what to do; undefined where JSON keeps all that can be seen of it. */
export function jsonLoss(
  value: object,
): { readonly wrong: string; readonly hint: string } | undefined {
  if (types.isMap(value) || types.isSet(value) || ArrayBuffer.isView(value)) return COLLECTION;
  if (types.isPromise(value)) {
    return { wrong: 'holds a Promise, which JSON would empty', hint: 'Await it first.' };
  }
  const kind = KINDS.find(([, isKind]) => isKind(value))?.[0];
  if (kind !== undefined) return { wrong: `holds ${kind}, which JSON would empty`, hint: CONVERT };
  if (isIterated(value)) {
    const wrong = 'holds something to iterate over, which JSON would empty or turn into an object';
    return { wrong, hint: ARRAY };
  }
  if (Object.keys(value).length === 0) {
    return { wrong: 'holds an object of a class that JSON would empty', hint: CLASS };
  }
  const field = privateFieldOf(value);
  if (field === undefined) return undefined;
  return { wrong: `holds an object whose private field ${field} JSON would lose`, hint: CLASS };
}

const CONVERT = 'Convert it first, to an object, an array or a string.';
const ARRAY =
  'Convert it first, for example with Array.from(values) or Object.fromEntries(values).';
const CLASS = 'Convert it to a plain object first, or give its class a method toJSON().';
const COLLECTION = {
  wrong: 'holds a Map, a Set or a typed array, which JSON would empty or turn into an object',
  hint: 'Convert it first with Object.fromEntries(map) or Array.from(values).',
};

/** No property holds their content, whatever other properties they may have. */
const KINDS: readonly (readonly [name: string, isKind: (value: object) => boolean])[] = [
  ['an Error', types.isNativeError],
  ['an Error', (value) => value instanceof Error],
  ['a symbol', types.isSymbolObject],
  ['a RegExp', types.isRegExp],
  ['an ArrayBuffer', types.isAnyArrayBuffer],
  ['a WeakMap', types.isWeakMap],
  ['a WeakSet', types.isWeakSet],
  ['a WeakRef', (value) => value instanceof WeakRef],
  ['a CryptoKey', types.isCryptoKey],
  ['a KeyObject', types.isKeyObject],
];

function isIterated(value: object): boolean {
  const { [Symbol.iterator]: each, [Symbol.asyncIterator]: eachLater } = value as {
    readonly [Symbol.iterator]?: unknown;
    readonly [Symbol.asyncIterator]?: unknown;
  };
  return typeof each === 'function' || typeof eachLater === 'function';
}
