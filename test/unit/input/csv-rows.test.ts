// What is read from the bytes of a chunk at once, and what goes through framer and splitter, are the same records.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CsvDialectOptions } from '../../../src/input/csv-dialect.ts';
import { readCsv } from '../../../src/input/csv-reader.ts';
import { FieldRow } from '../../../src/records/field-row.ts';
import { everyRow } from './every-row.ts';
import { chunksOf } from './read-all.ts';

/** The sizes of chunks decide how records are read. */
const everything = (text: string, dialect: CsvDialectOptions, sizes: readonly number[]) =>
  everyRow((onBadRecord) => {
    const options = { ...dialect, header: false, columnCount: 2, onBadRecord };
    return readCsv(chunksOf(text, sizes), options).rows;
  });

const piece = fc.constantFrom(
  ...'aé😀,,\n\n"\\;\'N\r\0',
  '""',
  ',""',
  '\r\n',
  'a,b\n',
  '"x",y\n',
  '"q""r",s\n',
  'NULL,\n',
);
const text = fc.array(
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom('1,2\n', 'é,"ü"\n') }, piece),
  { maxLength: 25 },
);
const dialect = fc.constantFrom<CsvDialectOptions>(
  {},
  { nullText: 'NULL' },
  { delimiter: ';', quote: "'", escape: '\\' },
  { escape: '\\' },
);
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 });

describe('records of a CSV file', () => {
  it('are the same however chunks cut it, with their lines, places and faults (G2, G4)', async () => {
    let skimmed = 0;
    await fc.assert(
      fc.asyncProperty(
        text,
        dialect,
        sizes,
        fc.constantFrom('\n', '\r\n'),
        async (pieces, options, cut, lineEnd) => {
          const csv = `1,2\n${pieces.join('')}`.replaceAll('\n', lineEnd);
          const whole = await everything(csv, options, []);
          const inPieces = await everything(csv, options, cut);
          skimmed += whole.skimmed;
          expect(inPieces.found).toEqual(whole.found);
          for (const [count, end] of whole.ends)
            if (inPieces.ends.has(count)) expect(inPieces.ends.get(count)).toEqual(end);
        },
      ),
      { numRuns: 2000 },
    );
    expect(skimmed).toBeGreaterThan(2000);
  });

  it('are mostly read without a text for each, whatever stands between them', async () => {
    const csv = `${'1,2\n'.repeat(100)}"a ""quoted"" word",3\n${'"4","é"\n'.repeat(100)}"b\nc",5\n,\n`;
    const { found, skimmed } = await everything(csv, {}, []);
    expect(found).toHaveLength(203);
    // The reader learns from the first record how lines end, and reads it as text.
    expect(skimmed).toBe(200);
  });

  it('can be passed over, those that are texts and those that are none', async () => {
    const csv = '1,a\n2,b\n"3""",c\n4,d\n"5\n",e\n6,f\n';
    for (let skip = 0; skip <= 7; skip += 1) {
      const left = [];
      for await (const { records } of readCsv(chunksOf(csv), { header: false }).rows) {
        const rest = records.after(skip);
        expect(rest.length).toBe(rest.lines.length);
        for (const row of rest) left.push((row instanceof FieldRow ? row.fields : row)[1]);
      }
      expect(left).toEqual([...'abcdef'].slice(skip));
    }
  });
});
