import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codec, refusalOf } from '../target-fixture.ts';

describe('json and jsonb (G4)', () => {
  it('write what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const given = typeof value === 'string' || value === null ? [value] : value;
        const text = codec('json').encode(given);
        expect(text.replaceAll('-0', '0')).toBe(JSON.stringify(given).replaceAll('-0', '0'));
        expect(JSON.parse(text)).toEqual(given);
      }),
    );
  });

  it.each([
    [{ a: 12345678901234567890n }, '{"a":12345678901234567890}'],
    [{ a: undefined, c: [undefined] }, '{"c":[null]}'],
    [{ at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    [{ toJSON: () => ({ x: 1 }) }, '{"x":1}'],
    [[-0], '[-0]'],
    [7, '7'],
    [7n, '7'],
    [true, 'true'],
    ['{"a": "\\ud83d\\ude00"}', '{"a": "\\ud83d\\ude00"}'],
    ['null', 'null'],
    [JSON.stringify('text'), '"text"'],
    [Object.assign(Object.create(null), { k: 1 }), '{"k":1}'],
    [['\\u0000'], '["\\\\u0000"]'],
  ])('write %o', (value, text) => {
    expect(codec('jsonb').encode(value)).toBe(text);
  });

  const cyclic: { self?: unknown } = {};
  cyclic.self = [cyclic];
  let deep: unknown[] = [];
  for (let i = 0; i < 100_000; i += 1) deep = [deep];

  it.each([
    [{ a: [Number.NaN] }, /holds NaN/],
    [{ a: Number.NEGATIVE_INFINITY }, /holds -Infinity/],
    [{ at: new Date(Number.NaN) }, /invalid Date/],
    [{ m: new Map([[1, 2]]) }, /Map/],
    [new Float32Array(2), /typed array/],
    [cyclic, /refers to itself/],
    [() => 1, /no JSON form/],
    [Symbol('x'), /no JSON form/],
    ['plain text', /not JSON text/],
    ['', /not JSON text/],
    ['"\ud800"', /surrogate/],
  ])('refuse %o', (value, message) => {
    for (const type of ['json', 'jsonb']) {
      expect(refusalOf(codec(type), value).message).toMatch(message);
    }
  });

  it('refuses nesting that no stack holds', () => {
    expect(refusalOf(codec('jsonb'), deep).message).toBe('is nested too deeply');
  });

  it('lets the same object stand twice side by side', () => {
    const shared = { x: 1 };
    expect(codec('json').encode([shared, shared])).toBe('[{"x":1},{"x":1}]');
  });

  it.each([[['a\0b']], ['"\\u0000"'], [{ k: '\ud800' }], ['"\\udc00\\ud800"']])(
    'jsonb refuses %o, which json keeps as an escape',
    (value) => {
      expect(refusalOf(codec('jsonb'), value).message).toMatch(/U\+0000/);
      expect(codec('json').encode(value)).toMatch(/\\u/);
    },
  );

  it('tells that strings are JSON text (G8)', () => {
    expect(refusalOf(codec('jsonb'), 'hello').hint).toMatch(/JSON\.stringify\(value\)/);
  });
});
