// G4: an array or a vector in the text of a field has the binary form of the same values.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../../src/core/target-table.ts';
import { encoderFor } from '../../../src/records/layout-choice.ts';
import { resolveMapping } from '../../../src/records/mapping.ts';
import { parseArrayLiteral } from './codecs/array-literal.ts';
import { fieldText } from './field-texts.ts';
import { outcome } from './outcome.ts';
import { arrayOf, targetColumn, targetTable, typeOf } from './target-fixture.ts';

const ELEMENTS = [
  ...['bool', 'bytea', 'name', 'int8', 'int2', 'int4', 'text', 'float4', 'float8'],
  ...['bpchar', 'varchar', 'date', 'time', 'timestamp', 'timestamptz', 'numeric', 'uuid'],
];

function encoderOf(type: ColumnType) {
  const table = targetTable([targetColumn('c', type)]);
  const mapping = resolveMapping({ table, columns: { c: 0 }, first: ['x'] });
  return encoderFor({ table, mapping, lanes: 1 }, { format: 'tuples', forms: ['native'] });
}

const blank = fc.constantFrom('', '', '', ' ', '\t\v', '\n');
/** An element as the text of an array has it: bare where it may be, or in quotes. */
const written = (element: string | null, bare: boolean) => {
  if (element === null) return bare ? 'NULL' : 'nUlL';
  const mayBeBare = /^(?!null$)[^\s"\\{},]+$/i.test(element);
  return mayBeBare && bare ? element : `"${element.replace(/["\\]/g, '\\$&')}"`;
};

describe('the text of an array (G4)', () => {
  it.each(ELEMENTS)('has the form of the same elements: %s', (name) => {
    const encoder = encoderOf(arrayOf(typeOf(name)));
    const texts = fc.array(
      fc.tuple(fc.option(fieldText, { freq: 8 }), fc.boolean(), blank, blank),
      { maxLength: 3 },
    );
    let natives = 0;
    fc.assert(
      fc.property(texts, (elements) => {
        const each = elements.map(([text, bare, a, b]) => `${a}${written(text, bare)}${b}`);
        const ofText = outcome(encoder, [`{${each.join(',')}}`]);
        if ('textColumn' in ofText) return;
        natives += 1;
        expect(ofText).toEqual(outcome(encoder, [elements.map(([text]) => text)]));
      }),
      { numRuns: 2000 },
    );
    expect(natives).toBeGreaterThan(200);
  });

  it('is that of an independent reader', () => {
    const encoder = encoderOf(arrayOf(typeOf('text')));
    for (const text of [
      '{a,NULL,"NULL","",é,"a\\"b\\\\"}',
      '{}',
      '{"{1}"}',
      `{"${'x"'.repeat(0)}y"}`,
    ])
      expect(outcome(encoder, [text])).toEqual(outcome(encoder, [parseArrayLiteral(text)]));
  });

  it.each([
    '{1,2',
    '{1,,2}',
    '{1,}',
    '{,}',
    '{1}2',
    '{1 2}',
    '{"1"2}',
    '{{1},{2}}',
    '[2:3]={1,2}',
    '{"1',
    '{"1}',
    '{a\\b}',
    `{"${'\\\\'.repeat(5000)}"}`,
  ])('is left to the server, or to a text: %s', (text) => {
    for (const name of ['int4', 'text']) {
      const result = outcome(encoderOf(arrayOf(typeOf(name))), [text]);
      expect(result, name).toEqual(
        name === 'text' && text === '{1 2}'
          ? expect.objectContaining({ lane: 0 })
          : { textColumn: 0 },
      );
    }
  });
});

const numeral = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.double({ min: -1e30, max: 1e30, noNaN: true }).map(String),
  fc
    .tuple(fc.float({ noNaN: true, min: -1e5, max: 1e5 }), fc.integer({ min: 0, max: 25 }))
    .map(([n, places]) => n.toFixed(places)),
);

describe('the text of a vector (G4)', () => {
  it.each(['vector', 'halfvec'])('has the form of the same numbers: %s', (name) => {
    const encoder = encoderOf(typeOf(name));
    let natives = 0;
    fc.assert(
      fc.property(fc.array(numeral, { minLength: 1, maxLength: 5 }), (numerals) => {
        const ofText = outcome(encoder, [`[${numerals.join(', ')}]`]);
        if ('textColumn' in ofText) return;
        natives += 1;
        expect(ofText).toEqual(outcome(encoder, [numerals.map(Number)]));
      }),
      { numRuns: 2000 },
    );
    expect(natives).toBeGreaterThan(200);
  });

  it('sparse, has the form of all its components', () => {
    const encoder = encoderOf(typeOf('sparsevec'));
    const components = fc.array(fc.oneof(fc.constant('0'), numeral), {
      minLength: 1,
      maxLength: 8,
    });
    let natives = 0;
    fc.assert(
      fc.property(components, (numerals) => {
        const pairs = numerals.flatMap((each, i) =>
          Number(each) === 0 ? [] : [`${i + 1}:${each}`],
        );
        const ofText = outcome(encoder, [`{${pairs.join(',')}}/${numerals.length}`]);
        if ('textColumn' in ofText) return;
        natives += 1;
        expect(ofText).toEqual(outcome(encoder, [numerals.map(Number)]));
      }),
      { numRuns: 2000 },
    );
    expect(natives).toBeGreaterThan(1000);
  });

  it.each([
    ['halfvec', '[65519.999]'],
    ['vector', '[1,2'],
    ['vector', '[1,,2]'],
    ['vector', '[1 2]'],
    ['vector', '[]'],
    ['vector', '[1e39]'],
    ['vector', '[1e-60]'],
    ['vector', '[16777217]'],
    ['sparsevec', '{2:1,1:1}/3'],
    ['sparsevec', '{1:1,1:1}/3'],
    ['sparsevec', '{1:0}/3'],
    ['sparsevec', '{4:1}/3'],
    ['sparsevec', '{0:1}/3'],
    ['sparsevec', '{1:1,}/3'],
    ['sparsevec', '{1:1}/0'],
    ['sparsevec', '{1:1}/1000000001'],
    ['sparsevec', '{1: 1}/3'],
  ])('is left to the server: %s %s', (name, text) => {
    expect(outcome(encoderOf(typeOf(name)), [text])).toEqual({ textColumn: 0 });
  });
});
