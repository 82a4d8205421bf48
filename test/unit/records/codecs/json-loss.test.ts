// An object that JSON would empty, or lose something of, is no value (G4): wherever it stands in one.

import { createContext, runInContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonText } from '../../../../src/records/codecs/json-text.ts';
import { codec, refusalOf } from '../target-fixture.ts';

class Hidden {
  readonly shown = 1;
  readonly #hidden = 2;
  sum(): number {
    return this.shown + this.#hidden;
  }
}

class Heir extends Hidden {
  readonly more = 1;
}

class Silent {
  get value(): number {
    return 1;
  }
}

class Pair implements Iterable<number> {
  readonly name = 'pair';
  *[Symbol.iterator]() {
    yield 1;
  }
}

const other = createContext({});

const LOST: Readonly<Record<string, unknown>> = {
  Promise: Promise.resolve(1),
  Error: new Error('x'),
  'Error with a code': Object.assign(new TypeError('x'), { code: 'E' }),
  DOMException: new DOMException('x'),
  RegExp: /x/,
  URLSearchParams: new URLSearchParams('a=1'),
  Headers: new Headers({ a: '1' }),
  FormData: new FormData(),
  Blob: new Blob(['x']),
  Response: new Response('x'),
  ArrayBuffer: new ArrayBuffer(1),
  SharedArrayBuffer: new SharedArrayBuffer(1),
  DataView: new DataView(new ArrayBuffer(1)),
  Uint8Array: new Uint8Array(1),
  Map: new Map([[1, 2]]),
  Set: new Set([1]),
  WeakMap: new WeakMap(),
  WeakSet: new WeakSet(),
  WeakRef: new WeakRef({}),
  generator: (function* () {
    yield 1;
  })(),
  'async generator': (async function* () {
    yield 1;
  })(),
  'iterator of an array': [1].values(),
  'iterator of a Map': new Map().entries(),
  'own class to iterate over': new Pair(),
  'class with a private field': new Hidden(),
  'class that inherits a private field': new Heir(),
  'class with getters only': new Silent(),
  AbortSignal: new AbortController().signal,
  TextEncoder: new TextEncoder(),
  Intl: new Intl.NumberFormat(),
  'Map of another realm': runInContext('new Map([[1, 2]])', other),
  'Error of another realm': runInContext('new Error("x")', other),
  function: () => 1,
  class: Hidden,
  symbol: Symbol('x'),
  'boxed symbol': Object(Symbol('x')),
};

describe.each(Object.entries(LOST))('%s', (_, value) => {
  const nested: Readonly<Record<string, unknown>> = {
    'a member': { a: value },
    'an element': [value],
    'deep inside': { a: [{ b: [1, value] }] },
    'what toJSON returns': { toJSON: () => ({ inner: value }) },
  };

  test.each(Object.entries(nested))('is refused as %s', (__, holder) => {
    for (const type of ['json', 'jsonb']) {
      const refusal = refusalOf(codec(type), holder);
      expect(refusal.message).toMatch(/^holds /);
      expect(refusal.hint).toMatch(/\.$/);
    }
  });

  test('is refused as a whole value', () => {
    expect(refusalOf(codec('jsonb'), value).message).toMatch(/^(holds |has no JSON form)/);
  });
});

class Point {
  readonly x = 1;
  /* A comment about this.#x and 'a text with this.#y in it'. */
  readonly note = 'this.#z';
  static readonly #made = new Set<object>();
  constructor() {
    Point.#made.add(this);
    this.#check();
  }
  #check(): void {}
}

class Money {
  readonly #cents = 5;
  toJSON(): unknown {
    return { cents: this.#cents };
  }
}

describe('what JSON keeps', () => {
  test.each([
    ['an object of a class whose fields all show', new Point(), '{"x":1,"note":"this.#z"}'],
    ['a class that says itself what it is', new Money(), '{"cents":5}'],
    ['an Error that does', Object.assign(new Error('x'), { toJSON: () => 'x' }), '"x"'],
    ['a URL', new URL('http://h/'), '"http://h/"'],
    ['an empty object', {}, '{}'],
    ['an empty object without a prototype', Object.create(null), '{}'],
    ['an empty array', [], '[]'],
    [
      'an object of another realm',
      runInContext('({ a: {}, b: [{}] })', other),
      '{"a":{},"b":[{}]}',
    ],
    ['boxed values', [Object(1), Object('a'), Object(2n)], '[1,"a",2]'],
    ['a proxy of an object', new Proxy({ a: 1 }, {}), '{"a":1}'],
  ])('is written: %s', (_, value, text) => {
    expect(jsonText(value)).toBe(text);
  });

  test('is what JSON.stringify writes, for any value of which a parser could have made it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false } as never), (value) => {
        // Both texts read back and written alike: -0 keeps its sign in ours.
        expect(JSON.stringify(JSON.parse(jsonText(value) ?? ''))).toBe(JSON.stringify(value));
      }),
    );
  });
});
