import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvDialect } from '../../../src/input/csv-dialect.ts';
import { CsvFieldSplitter } from '../../../src/input/csv-fields.ts';
import { JsonScanner } from '../../../src/input/json-scanner.ts';
import { LongArray } from '../../../src/records/long-array.ts';

const TIMES = 50_000;

describe('a long record', () => {
  it('has the fields a short one would have, wherever its pieces end (G4)', () => {
    const piece = fc.string({ unit: fc.constantFrom('"', '\\', '😀', ',', 'x', '^') });
    fc.assert(
      fc.property(piece, fc.constantFrom('"', '\\'), (text, escaping) => {
        const long = `${text}y`.repeat(TIMES);
        const written = long.replaceAll(/["\\]/g, (c) =>
          c === '"' || c === escaping ? escaping + c : c,
        );
        const splitter = new CsvFieldSplitter(csvDialect({ escape: escaping }));
        const fields = splitter.split(`a,"${written}",,"b"`, 4);
        expect(fields[1] === long).toBe(true);
        expect([fields[0], fields[2], fields[3], splitter.count]).toEqual(['a', null, 'b', 4]);
      }),
      { numRuns: 15 },
    );
  });

  it('keeps a pair of surrogates that stands where a piece ends (G4)', () => {
    for (const before of [65_534, 65_535, 65_536]) {
      const text = `${'x'.repeat(before)}😀${'y'.repeat(70_000)}`;
      const fields = new CsvFieldSplitter(csvDialect()).split(`"${text}"`, 1);
      expect(fields[0] === text).toBe(true);
    }
  });

  it('keeps no more fields than are wanted, and counts them all', () => {
    const splitter = new CsvFieldSplitter(csvDialect());
    for (const first of ['a', '"a"']) {
      const fields = splitter.split(`${first}${',b'.repeat(TIMES)}`, 2);
      expect(fields).toEqual(['a', 'b', 'b']);
      expect(splitter.count).toBe(TIMES + 1);
    }
  });

  it('has long arrays that give the elements of short ones', () => {
    const scanner = new JsonScanner(new Set());
    const elements = '1, [ 2 ] ,"\\u00e9\\n",null,true,{"a":1}';
    const { short } = scanner.readRecord(`{"short":[${elements}]}`);
    const { long } = scanner.readRecord(`{"long":[${elements}${`,${elements}`.repeat(999)}]}`);
    expect(long).toBeInstanceOf(LongArray);
    expect([...(long as LongArray)]).toEqual(Array.from({ length: 1000 }, () => short).flat());
    expect((long as LongArray).length).toBe(6000);
  });

  it('is refused with more keys than any table has columns', () => {
    const keys = Array.from({ length: 65_537 }, (_, i) => `"k${i}":1`).join(',');
    expect(() => new JsonScanner(new Set()).readRecord(`{${keys}}`)).toThrow(/at most 65536 keys/);
  });
});
