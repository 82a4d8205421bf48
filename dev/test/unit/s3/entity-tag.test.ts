import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entityTag, joinedEntityTag } from '../../../src/s3/entity-tag.ts';
import { sha256Hex } from '../../../src/s3/signature.ts';

const tagOf = (text: string): string => entityTag(sha256Hex(text));

describe('an ETag', () => {
  it('is the same for the same bytes only, and never looks like an MD5', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(tagOf(a) === tagOf(b)).toBe(a === b);
        expect(tagOf(a)).toMatch(/^[0-9a-f]{32}-1$/);
      }),
    );
  });

  it('of joined parts depends on each of them and on their order', () => {
    const parts = ['a', 'b', 'c'].map(tagOf);
    const [a = '', b = '', c = ''] = parts;
    expect(joinedEntityTag(parts)).toMatch(/^[0-9a-f]{32}-3$/);
    const others = [[b, a, c], [a, b], [a], [a, b, tagOf('d')]].map(joinedEntityTag);
    expect(new Set([joinedEntityTag(parts), a, ...others]).size).toBe(6);
  });
});
