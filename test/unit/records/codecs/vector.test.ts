import { describe, expect, it } from 'vitest';
import { TextNeededError } from '../../../../src/records/native/native-form.ts';
import { codec, refusalOf } from '../target-fixture.ts';

describe('vectors (G4)', () => {
  it.each([
    ['vector', [1, -0, 0.5], '[1,-0,0.5]'],
    ['vecf32', Float32Array.of(1, 2), '[1,2]'],
    ['halfvec', [65_504], '[65504]'],
    ['vecf16', '[0.1, 0.2, 0.3]', '[0.1, 0.2, 0.3]'],
  ])('%s writes %o', (type, value, text) => {
    expect(codec(type).encode(value)).toBe(text);
  });

  it.each([
    ['vector', [1, Number.NaN], /index 1 NaN/],
    ['vector', [Number.POSITIVE_INFINITY], /index 0 Infinity/],
    ['vector', [3.5e38], /index 0 a number of/],
    ['vecf16', [65_520], /index 0 a number of/],
    ['vector', ['1'], /not a number/],
    ['vector', [null], /not a number/],
    ['vector', BigInt64Array.of(1n), /not a number/],
    ['vector', { 0: 1 }, /not a vector/],
    ['vector', 1, /not a vector/],
    ['vector', '', /not a vector/],
  ])('%s refuses %o', (type, value, message) => {
    expect(refusalOf(codec(type), value).message).toMatch(message);
  });

  it('checks the dimensions of the column', () => {
    expect(codec('vecf16', 3).encode([1, 2, 3])).toBe('[1,2,3]');
    expect(refusalOf(codec('vecf16', 3), [1, 2]).message).toBe('has 2 components, not 3');
  });
});

describe('the binary form of a vector given as text (G4)', () => {
  const target = () => {
    const bytes = Buffer.alloc(200);
    return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset), limit: 200 };
  };

  it.each([
    ['halfvec', '[70000]'],
    ['vector', '[1e39]'],
    ['vector', '[1,\u00a02]'],
    ['vector', '[1,NaN]'],
    ['sparsevec', '[1,0,3]'],
    ['sparsevec', '{1:0.5}/3'],
  ])('is left to the server: %s %s', (type, text) => {
    expect(() => codec(type).native?.write(text, target(), 0)).toThrow(TextNeededError);
  });

  it('is that of the same numbers', () => {
    const [ofText, ofNumbers] = [target(), target()];
    const end = codec('vector').native?.write('[1, -2.5,\t3e2]', ofText, 0);
    expect(codec('vector').native?.write([1, -2.5, 300], ofNumbers, 0)).toBe(end);
    expect(ofText.bytes.equals(ofNumbers.bytes)).toBe(true);
  });
});
