import { describe, expect, it } from 'vitest';
import { codec, refusalOf } from '../target-fixture.ts';

describe('integers (G4)', () => {
  it.each([
    ['int2', -32_768, '-32768'],
    ['int4', 2_147_483_647, '2147483647'],
    ['int4', -0, '0'],
    ['int8', 9_223_372_036_854_775_807n, '9223372036854775807'],
    ['int8', -9_223_372_036_854_775_808n, '-9223372036854775808'],
    ['int8', '9223372036854775807', '9223372036854775807'],
    ['int8', Number.MAX_SAFE_INTEGER, '9007199254740991'],
    ['int4', ' 007\t', '7'],
    ['int4', '+7', '7'],
    ['int4', '-0x1F', '-31'],
    ['int4', '0o17', '15'],
    ['int4', '0B101', '5'],
    ['int4', '1_000', '1000'],
    ['oid', 4_294_967_295, '4294967295'],
    ['oid', '-1', '4294967295'],
    ['oid', '012', '012'],
  ])('%s writes %o as %s', (type, value, text) => {
    expect(codec(type).encode(value)).toBe(text);
  });

  it.each([
    ['int2', 32_768, /outside -32768 … 32767/],
    ['int4', 2 ** 31, /outside/],
    ['int4', '2147483648', /outside/],
    ['int8', 9_223_372_036_854_775_808n, /outside/],
    ['int8', 2 ** 53, /MAX_SAFE_INTEGER/],
    ['int8', `1${'0'.repeat(100_000)}`, /outside/],
    ['int4', 1.5, /not an integer/],
    ['int4', Number.NaN, /not an integer/],
    ['int4', Number.POSITIVE_INFINITY, /not an integer/],
    ['int4', '', /not an integer/],
    ['int4', '1e3', /not an integer/],
    ['int4', '1__0', /not an integer/],
    ['int4', '0x', /not an integer/],
    ['int4', '7\u00a0', /not an integer/],
    ['int4', true, /not an integer/],
    ['int4', new Date(0), /not an integer/],
    ['oid', -1, /outside/],
    ['oid', '4294967296', /outside/],
    ['oid', '1_0', /not an integer/],
  ])('%s refuses %o', (type, value, message) => {
    expect(refusalOf(codec(type), value).message).toMatch(message);
  });

  it('says what to do about numbers beyond 2^53', () => {
    expect(refusalOf(codec('int8'), 1e17).hint).toMatch(/bigint/);
  });
});

describe('floats (G4)', () => {
  it.each([
    ['float8', -0, '-0'],
    ['float8', 0, '0'],
    ['float8', Number.NaN, 'NaN'],
    ['float8', Number.NEGATIVE_INFINITY, '-Infinity'],
    ['float8', 5e-324, '5e-324'],
    ['float8', 0.1 + 0.2, '0.30000000000000004'],
    ['float8', 2n ** 60n, '1152921504606846976'],
    ['float8', ' 1.5e3 ', ' 1.5e3 '],
    ['float8', '0x1p3', '0x1p3'],
    ['float8', '-inf', '-inf'],
    ['float4', 3.4e38, '3.4e+38'],
    ['float4', -0, '-0'],
    ['float4', 1e-45, '1e-45'],
  ])('%s writes %o as %s', (type, value, text) => {
    expect(codec(type).encode(value)).toBe(text);
  });

  it.each([
    ['float8', 'abc', /not a number/],
    ['float8', '', /not a number/],
    ['float8', '1,5', /not a number/],
    ['float8', 2n ** 53n + 1n, /exactly/],
    ['float4', 2n ** 24n + 1n, /exactly/],
    ['float4', 3.5e38, /too large/],
    ['float4', 1e-46, /too close to zero/],
    ['float8', null, /not a number/],
  ])('%s refuses %o', (type, value, message) => {
    expect(refusalOf(codec(type), value).message).toMatch(message);
  });
});

describe('numeric and money (G4)', () => {
  /** precision and scale as pg_attribute keeps them */
  const modifier = (precision: number, scale: number) => ((precision << 16) | (scale & 0x7ff)) + 4;

  it.each([
    ['numeric', 1e21, '1e+21'],
    ['numeric', '123456789012345678901234567890.12', '123456789012345678901234567890.12'],
    ['numeric', 10n ** 40n, `1${'0'.repeat(40)}`],
    ['numeric', Number.NaN, 'NaN'],
    ['numeric', Number.NEGATIVE_INFINITY, '-Infinity'],
    ['numeric', '.5', '.5'],
    ['numeric', '5.', '5.'],
    ['numeric', '0x1F', '31'],
    ['numeric', '1_000.2_5e1_0', '1000.25e10'],
    ['numeric', ' -1_000 ', ' -1000 '],
    ['money', '$1,234.56', '$1,234.56'],
    ['money', 12, '12'],
  ])('%s writes %o as %s', (type, value, text) => {
    expect(codec(type).encode(value)).toBe(text);
  });

  it.each([
    ['numeric', 'abc'],
    ['numeric', '1.2.3'],
    ['numeric', ''],
    ['numeric', '.'],
    ['numeric', '1e'],
    ['numeric', []],
    ['money', 12.34],
    ['money', '1\0'],
    ['money', Number.NaN],
    ['float8', 'nan(\0)'],
  ])('%s refuses %o', (type, value) => {
    expect(refusalOf(codec(type), value)).toBeDefined();
  });

  it('refuses what has too many digits for the column, and only that', () => {
    const price = codec('numeric', modifier(5, 2));
    expect(price.encode('999.99')).toBe('999.99');
    expect(price.encode(0.1 + 0.2)).toBe('0.30000000000000004');
    expect(price.encode('0000123.4')).toBe('0000123.4');
    expect(price.encode('1000e-1')).toBe('1000e-1');
    expect(price.encode('NaN')).toBe('NaN');
    for (const value of ['1000', 1000, '1e3', -1000n, 'Infinity', Number.POSITIVE_INFINITY]) {
      expect(refusalOf(price, value)).toBeDefined();
    }
    const thousands = codec('numeric', modifier(2, -3));
    expect(thousands.encode(99_000)).toBe('99000');
    expect(refusalOf(thousands, '100000').message).toMatch(/6 digits/);
  });
});
