import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesDifference,
  comparableEtag,
  type SeenBytes,
  type StagedBytes,
} from '../../../src/core/staged-bytes.ts';

// Bare, one that begins so is a weak one without its quotes.
const opaque = fc
  .stringMatching(/^[A-Za-z0-9+/=._:,;@~-]{1,200}$/)
  .filter((text) => !text.startsWith('W/'));
const staged: StagedBytes = { size: 10, etag: '"a"', crc32: 7 };

describe('comparableEtag', () => {
  it('is one for all ways in which servers write an ETag', () => {
    fc.assert(
      fc.property(opaque, (text) => {
        const forms = [text, `"${text}"`, `W/"${text}"`];
        expect(forms.map(comparableEtag)).toEqual(forms.map(() => `"${text}"`));
      }),
    );
  });

  it('G7: lets nothing pass that could be more than an ETag in a header or a configuration', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        const etag = comparableEtag(text);
        if (etag !== undefined) expect(etag).toMatch(/^"[A-Za-z0-9+/=._:,;@~-]+"$/);
      }),
    );
    for (const text of [
      '',
      '""',
      '"a b"',
      '"a\nurl = x"',
      '"a"b"',
      '"a\\"',
      `"${'x'.repeat(201)}"`,
    ])
      expect(comparableEtag(text)).toBeUndefined();
  });
});

describe('bytesDifference (G2)', () => {
  it.each<[string, SeenBytes, RegExp | undefined]>([
    ['the same', { size: 10, etag: '"a"', crc32: 7 }, undefined],
    ['a weak form of the ETag', { size: 10, etag: 'W/"a"' }, undefined],
    ['no ETag', { size: 10 }, undefined],
    ['another size', { size: 9, etag: '"a"' }, /9 bytes instead of 10/],
    ['another ETag', { size: 10, etag: '"b"' }, /ETag/],
    ['another checksum', { size: 10, etag: '"a"', crc32: 8 }, /CRC-32/],
  ])('of an object with %s', (_, seen, difference) => {
    const found = bytesDifference(staged, seen);
    if (difference === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(difference);
  });

  it('goes by the size where an older version staged the file', () => {
    const old = { size: 10, etag: undefined, crc32: undefined };
    expect(bytesDifference(old, { size: 10, etag: '"b"', crc32: 8 })).toBeUndefined();
    expect(bytesDifference(old, { size: 11 })).toMatch(/11 bytes/);
  });
});
