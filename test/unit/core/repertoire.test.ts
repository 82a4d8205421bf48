// What a database cannot store is found, and kept as escapes that give it back (G2).

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Repertoire } from '../../../src/core/repertoire.ts';

/** As LATIN1: all up to U+00FF. */
const latin1 = new Repertoire('LATIN1', new Uint8Array(8192).fill(255, 0, 32));

test('the first character past the repertoire is found by its index', () => {
  expect(latin1.firstMissing('Grüße')).toBe(-1);
  expect(latin1.firstMissing('Grüße 🐘 漢')).toBe(6);
  expect(latin1.firstMissing('ÿĀ')).toBe(1);
});

test('characters past U+FFFF have bits of their own, in plane 2', () => {
  const bits = new Uint8Array(16384);
  bits[8192 + (0x000b >> 3)] = 1 << (0x000b & 7);
  const japanese = new Repertoire('EUC_JIS_2004', bits);
  expect(japanese.firstMissing('\u{2000B}')).toBe(-1);
  expect(japanese.firstMissing('\u{2000B}\u{2000C}')).toBe(2);
  for (const other of ['\u{1000B}', '\u{3000B}', '\u{10FFFF}', '\u000B\u{80}'])
    expect(japanese.firstMissing(other)).not.toBe(-1);
});

test('escaped JSON can be stored and is the same value', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const json = latin1.escaped(JSON.stringify({ [text]: text }));
      expect(latin1.firstMissing(json)).toBe(-1);
      expect(JSON.parse(json)).toEqual({ [text]: text });
      expect(latin1.firstMissing(latin1.only(text))).toBe(-1);
    }),
  );
  expect(latin1.escaped('é 漢 🐘')).toBe('é \\u6f22 \\ud83d\\udc18');
});
