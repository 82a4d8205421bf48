// G1: a position comes back as it was given, whatever characters the database can store.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Repertoire } from '../../../src/core/repertoire.ts';
import { restoredJson, storableJson } from '../../../src/core/storable-json.ts';

/** As LATIN1: one bit for each of the first 256 code points. */
const LATIN1 = new Repertoire(
  'LATIN1',
  Uint8Array.from({ length: 8192 }, (_, n) => (n < 32 ? 255 : 0)),
);

const texts = fc.string({
  unit: fc.constantFrom(...'aué\\0123', '\0', '漢', '🐘', '\ud800', '\udc00', '\\u00e9', '\\u'),
});
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(texts, fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value')),
    fc.dictionary(texts, tie('value')),
  ),
})).value;

describe('JSON for a database (G1)', () => {
  test.each([
    ['UTF8', undefined],
    ['LATIN1', LATIN1],
  ])('comes back from one in %s, and holds only what that can store', (_, repertoire) => {
    fc.assert(
      fc.property(values, (value) => {
        const stored = storableJson(value, repertoire);
        expect(restoredJson(JSON.parse(JSON.stringify(stored)))).toEqual(value);
        const text = JSON.stringify(stored);
        expect(text).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/);
        if (repertoire !== undefined) expect(repertoire.firstMissing(text)).toBe(-1);
      }),
    );
  });

  test('is left as it is where all of it can be stored', () => {
    const value = { path: 'C:\\users\\übung.csv', list: [1, 'ä', null] };
    expect(storableJson(value, LATIN1)).toEqual(value);
    expect(storableJson(undefined, LATIN1)).toBeUndefined();
    expect(storableJson('漢', LATIN1)).toBe('\\u6f22');
  });
});
