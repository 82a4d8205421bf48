import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codec, refusalOf } from '../target-fixture.ts';

describe('bytea (G4)', () => {
  const bytea = codec('bytea');

  it('writes every byte of buffers and views as hex', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const expected = `\\x${Buffer.from(bytes).toString('hex')}`;
        expect(bytea.encode(bytes)).toBe(expected);
        expect(bytea.encode(Buffer.from(bytes))).toBe(expected);
        expect(bytea.encode(bytes.slice().buffer)).toBe(expected);
      }),
    );
  });

  it('takes only the viewed part of a larger buffer', () => {
    const whole = Uint8Array.of(1, 2, 3, 4);
    expect(bytea.encode(whole.subarray(1, 3))).toBe('\\x0203');
    expect(bytea.encode(new DataView(whole.buffer, 3))).toBe('\\x04');
  });

  it.each([
    ['\\xDEAD beef', '\\xdeadbeef'],
    ['\\x', '\\x'],
    ['', '\\x'],
    ['a\\\\b\\000\\377', '\\x615c6200ff'],
    ['é', '\\xc3a9'],
  ])('writes the text %o as %s', (text, hex) => {
    expect(bytea.encode(text)).toBe(hex);
  });

  it.each(['\\x0', '\\x0 0', '\\xzz', 'a\\b', '\\400', 5, [1, 2], { a: 1 }])(
    'refuses %o',
    (value) => {
      expect(refusalOf(bytea, value).message).toMatch(/^is not bytes/);
    },
  );
});
