// G4: a decimal number in bytes is the double, and the single, that it is closest to.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecimalNumber } from '../../../src/records/native/decimal-number.ts';

const number = new DecimalNumber();

function scanned(text: string): { readonly double: number; readonly single: number } {
  const source = Buffer.from(`7${text},8`);
  expect(number.scan(source, 1, source.length - 2)).toBe(source.length - 2);
  return { double: number.double, single: number.single };
}

/** The single closest to a decimal text, found with integers only; undefined for a tie. */
function closestSingle(text: string): number | undefined {
  const near = Math.fround(Number(text));
  if (near === 0) return near;
  const bits = new Int32Array(1);
  const single = new Float32Array(bits.buffer);
  const around = [-1, 0, 1].map((step) => {
    single[0] = Math.abs(near);
    bits[0] = (bits[0] ?? 0) + step;
    return single[0] ?? 0;
  });
  const [integer = '', exponent = '0'] = text.replace(/^-/, '').split('e');
  const [whole = '', part = ''] = integer.split('.');
  // The text is `digits` × 10 ** `scale`; every single is a multiple of 2 ** -149.
  const digits = BigInt(whole + part);
  const scale = Number(exponent) - part.length;
  const ten = 10n ** BigInt(Math.abs(scale));
  const distances = around.map((each) => {
    const multiple = multipleOfSmallest(each);
    const [left, right] =
      scale < 0 ? [digits << 149n, multiple * ten] : [(digits * ten) << 149n, multiple];
    return left > right ? left - right : right - left;
  });
  const least = distances.reduce((a, b) => (a < b ? a : b));
  const closest = around.filter((_, i) => distances[i] === least);
  if (closest.length !== 1) return undefined;
  return text.startsWith('-') ? -(closest[0] as number) : closest[0];
}

function multipleOfSmallest(single: number): bigint {
  return BigInt(single / 2 ** -149);
}

const digits = (most: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: most });
const decimal = fc
  .tuple(
    fc.constantFrom('', '-'),
    digits(20),
    fc.option(digits(30)),
    fc.option(fc.integer({ min: -30, max: 15 })),
  )
  .map(([sign, whole, part, exponent]) =>
    [sign, whole, part === null ? '' : `.${part}`, exponent === null ? '' : `e${exponent}`].join(
      '',
    ),
  );

/** Decimals at, or a little beside, the middle between two singles. */
const nearMiddle = fc
  .tuple(
    fc.integer({ min: 1 << 23, max: (1 << 24) - 1 }),
    fc.integer({ min: -40, max: 40 }),
    fc.constantFrom('', '1', '00000001', '000000000000000000001'),
  )
  .map(([mantissa, exponent, beside]) => {
    const middle = (mantissa + 0.5) * 2 ** exponent;
    const text = middle.toFixed(50).replace(/e.*/, '');
    return text.includes('.') ? `${text}${beside}` : text;
  })
  .filter((text) => /^[\d.]+$/.test(text));

describe('decimal numbers in bytes (G4)', () => {
  it('are the doubles that JavaScript reads', () => {
    fc.assert(
      fc.property(
        fc.oneof(decimal, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)),
        (text) => {
          const { double } = scanned(text);
          expect(Object.is(double, Number(text))).toBe(true);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('are the closest singles, or left to the codec in the middle of two', () => {
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(decimal, nearMiddle), (text) => {
        const { single } = scanned(text);
        if (Number.isNaN(single)) return;
        read += 1;
        const closest = closestSingle(text);
        if (closest !== undefined) expect(Object.is(single, closest)).toBe(true);
      }),
      { numRuns: 5000 },
    );
    expect(read).toBeGreaterThan(2000);
  });

  it.each(['16777217', '1e39', '1e-50', '-1e400', '1e-400'])(
    'leaves to the codec as a single: %s',
    (text) => {
      expect(scanned(text).single).toBeNaN();
    },
  );

  it.each(['', '-', '.', 'e5', '+1', 'NaN', ' 1'])('begins with no number: %s', (text) => {
    const source = Buffer.from(text);
    expect(number.scan(source, 0, source.length)).toBe(0);
  });

  it.each([
    ['1e', 1],
    ['1e+', 1],
    ['1.5.2', 3],
    ['1e00001', 1],
    ['12 ', 2],
    ['1_000', 1],
  ])('ends before what is no part of it: %s', (text, end) => {
    const source = Buffer.from(text);
    expect(number.scan(source, 0, source.length)).toBe(end);
  });
});
