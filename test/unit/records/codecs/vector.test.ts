import { describe, expect, it } from 'vitest';
import { LongArray } from '../../../../src/records/long-array.ts';
import { TextNeededError } from '../../../../src/records/native/native-form.ts';
import { codec, refusalOf } from '../target-fixture.ts';

describe('vectors (G4)', () => {
  it.each([
    ['vector', [1, -0, 0.5], '[1,-0,0.5]'],
    ['vecf32', Float32Array.of(1, 2), '[1,2]'],
    ['halfvec', [65_504], '[65504]'],
    ['vecf16', '[0.1, 0.2, 0.3]', '[0.1, 0.2, 0.3]'],
    // As numbers of NDJSON come: their digits.
    ['vector', ['0.5', '-1e3', '7'], '[0.5,-1e3,7]'],
    ['vecf32', ['0.1'], '[0.1]'],
    ['sparsevec', ['0', '0.5', '0'], '{2:0.5}/3'],
  ])('%s writes %o', (type, value, text) => {
    expect(codec(type).encode(value)).toBe(text);
  });

  it.each([
    ['vector', [1, Number.NaN], /index 1 NaN/],
    ['vector', [Number.POSITIVE_INFINITY], /index 0 Infinity/],
    ['vector', [3.5e38], /index 0 a number of/],
    ['vecf16', [65_520], /index 0 a number of/],
    ['halfvec', [65_519.9999], /index 0 a number of/],
    ['vector', ['x'], /index 0 something that is not a number/],
    ['vector', ['1', '0x1'], /index 1 something that is not a number/],
    ['vector', ['1', null], /index 1 something that is not a number/],
    ['vector', [1, '1'], /not a number/],
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
    expect(refusalOf(codec('vector', 3), ['1', '2']).message).toBe('has 2 components, not 3');
    const long = new LongArray(16_001, () => new Array(16_001).fill('1'));
    expect(refusalOf(codec('vector'), long).message).toContain('more than the 16000 of a vector');
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
    ['sparsevec', '{1:0}/3'],
  ])('is left to the server: %s %s', (type, text) => {
    expect(() => codec(type).native?.write(text, target(), 0)).toThrow(TextNeededError);
  });

  it('is that of the same numbers, also as their digits', () => {
    const [ofText, ofNumbers] = [target(), target()];
    const end = codec('vector').native?.write('[1, -2.5,\t3e2]', ofText, 0);
    expect(codec('vector').native?.write([1, -2.5, 300], ofNumbers, 0)).toBe(end);
    expect(ofText.bytes.equals(ofNumbers.bytes)).toBe(true);
    const ofDigits = target();
    expect(codec('vector').native?.write(['1', '-2.5', '3e2'], ofDigits, 0)).toBe(end);
    expect(ofDigits.bytes.equals(ofNumbers.bytes)).toBe(true);
  });
});
