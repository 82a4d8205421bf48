import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codecOf } from '../../../../src/records/codecs/codec-of.ts';
import { arrayOf, refusalOf, typeOf } from '../target-fixture.ts';
import { parseArrayLiteral } from './array-literal.ts';

const element = fc.option(
  fc.oneof(
    fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0') && text.isWellFormed()),
    fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', ',', ';', ' ', '\n', 'a') }),
    fc.constantFrom('null', 'NULL', '', 'nullx', '\u00a0', '\\N'),
  ),
);

describe('arrays (G4)', () => {
  const texts = codecOf(arrayOf(typeOf('text')));

  it('come back from a reader of the array syntax, in one and in two dimensions', () => {
    const rectangle = fc
      .integer({ min: 1, max: 4 })
      .chain((width) =>
        fc.array(fc.array(element, { minLength: width, maxLength: width }), { minLength: 1 }),
      );
    fc.assert(
      fc.property(fc.oneof(fc.array(element), rectangle), (values) => {
        expect(parseArrayLiteral(texts.encode(values))).toEqual(values);
      }),
    );
  });

  it('use the delimiter of the element type', () => {
    const boxes = codecOf(arrayOf(typeOf('box', { delimiter: ';' })));
    const values = ['(1,1),(0,0)', '(2,2),(1,1)'];
    expect(boxes.encode(values)).toBe('{"(1,1),(0,0)";"(2,2),(1,1)"}');
    expect(parseArrayLiteral(boxes.encode(values), ';')).toEqual(values);
  });

  it.each([
    ['int4', [1, '2', null, undefined, 3n], '{1,2,NULL,NULL,3}'],
    ['int4', [], '{}'],
    ['int4', Int32Array.of(1, -2), '{1,-2}'],
    ['int8', BigInt64Array.of(9_007_199_254_740_993n), '{9007199254740993}'],
    ['float8', Float64Array.of(-0, Number.NaN), '{-0,NaN}'],
    [
      'int4',
      [
        [[1], [2]],
        [[3], [4]],
      ],
      '{{{1},{2}},{{3},{4}}}',
    ],
    ['int4', [Int8Array.of(1, 2), Int8Array.of(3, 4)], '{{1,2},{3,4}}'],
    ['int4', ' {1,2}', ' {1,2}'],
    ['int4', '[0:1]={1,2}', '[0:1]={1,2}'],
    ['bool', [true, false], '{t,f}'],
    ['bytea', [Buffer.of(1), null], '{"\\\\x01",NULL}'],
    ['jsonb', [[1, 2], [3], { a: 'x' }], '{"[1,2]","[3]","{\\"a\\":\\"x\\"}"}'],
    ['vector', [[1, 2]], '{"[1,2]"}'],
    ['timestamptz', [new Date(0)], '{"1970-01-01 00:00:00.000Z"}'],
  ])('of %s write %o', (type, value, text) => {
    expect(codecOf(arrayOf(typeOf(type))).encode(value)).toBe(text);
  });

  it.each([
    [[[1], [2, 3]], /sub-arrays differ/],
    [[[1], 2], /sub-arrays differ/],
    [[1, [2]], /sub-arrays differ/],
    [[[1], null], /sub-arrays differ/],
    [[[], []], /empty array inside/],
    [[[[[[[[1]]]]]]], /more than 6 dimensions/],
    ['1,2', /not an array/],
    [new Set([1]), /not an array/],
    [{ 0: 1, length: 1 }, /not an array/],
    [7, /not an array/],
    [[1, 'x'], /not an integer/],
  ])('refuse %o', (value, message) => {
    expect(refusalOf(codecOf(arrayOf(typeOf('int4'))), value).message).toMatch(message);
  });

  it('of themselves are refused', () => {
    const endless: unknown[] = [];
    endless.push(endless);
    expect(refusalOf(texts, endless).message).toMatch(/more than 6 dimensions/);
  });

  it('names the element that was refused, and bounds elements by the column (G8)', () => {
    expect(refusalOf(codecOf(arrayOf(typeOf('int4'))), [1, 'x']).got).toBe(
      'element 1, string "x",',
    );
    const short = codecOf(arrayOf(typeOf('varchar'), 2 + 4));
    expect(short.encode(['ab'])).toBe('{ab}');
    expect(refusalOf(short, ['abc']).message).toMatch(/longer than 2 characters/);
  });

  it('take no typed array where elements are no numbers', () => {
    expect(refusalOf(texts, Uint8Array.of(1)).message).toBe('is not an array');
  });
});
