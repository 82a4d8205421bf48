import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listPage } from '../../../src/s3/bucket-listing.ts';
import { compareKeys, SortedKeys } from '../../../src/s3/key-order.ts';

const anyKey = fc.string({ unit: 'binary', minLength: 1, maxLength: 6 });
// Few characters, so that prefixes and delimiters are hit often.
const pathKey = fc.string({
  unit: fc.constantFrom('a', 'b', '/', '\uffff', '😀'),
  minLength: 1,
  maxLength: 6,
});

describe('the order of keys', () => {
  it('is that of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it('is kept while keys come and go', () => {
    const change = fc.record({ key: anyKey, add: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const expected = new Set<string>();
        const sorted = new SortedKeys();
        for (const { key, add } of changes) {
          if (add) expected.add(key);
          else expected.delete(key);
          if (add) sorted.add(key);
          else sorted.remove(key);
        }
        const kept = Array.from({ length: sorted.size }, (_, i) => sorted.at(i));
        expect(kept).toEqual([...expected].sort(compareKeys));
      }),
    );
  });
});

/** The same listing the slow and plain way: all entries first, then the page. */
function expectedEntries(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const entries = new Set<string>();
  for (const key of keys.filter((k) => k.startsWith(prefix))) {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    entries.add(end < 0 ? key : key.slice(0, end + delimiter.length));
  }
  return [...entries].sort(compareKeys);
}

describe('a listing', () => {
  it('shows every entry once, in order, whatever the size of its pages', () => {
    fc.assert(
      fc.property(
        fc.array(pathKey, { maxLength: 30 }),
        fc.constantFrom('', 'a', 'a/', 'b', '/'),
        fc.constantFrom('', '/', 'a', 'ab'),
        fc.integer({ min: 1, max: 5 }),
        (keys, prefix, delimiter, maxKeys) => {
          const sorted = new SortedKeys(new Set(keys));
          const entries: string[] = [];
          let after = '';
          for (let more = true; more; ) {
            const page = listPage(sorted, { prefix, delimiter, after, maxKeys });
            const shown = [...page.keys, ...page.commonPrefixes].sort(compareKeys);
            expect(shown.length).toBeLessThanOrEqual(maxKeys);
            expect(page.last).toBe(shown.at(-1) ?? '');
            entries.push(...shown);
            more = page.truncated;
            if (more) expect(shown).toHaveLength(maxKeys);
            after = page.last;
          }
          expect(entries).toEqual(expectedEntries(keys, prefix, delimiter));
        },
      ),
    );
  });

  it('of no entries is not truncated', () => {
    const sorted = new SortedKeys(['a', 'b']);
    const page = listPage(sorted, { prefix: '', delimiter: '', after: '', maxKeys: 0 });
    expect(page).toEqual({ keys: [], commonPrefixes: [], truncated: false, last: '' });
  });
});
