import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CsvDialect } from '../../../src/input/csv-dialect.ts';
import { csvFields } from './read-all.ts';

type Table = (string | null)[][];

/** How one field is written: bare where that is possible, quoted, or with quotes around its middle only. */
type Style = 'bare' | 'quoted' | 'partly';

const DIALECTS: readonly CsvDialect[] = [
  { delimiter: ',', quote: '"', escape: '"', nullText: '' },
  { delimiter: '\t', quote: '"', escape: '"', nullText: '\\N' },
  { delimiter: ';', quote: "'", escape: '\\', nullText: 'NULL' },
  { delimiter: ',', quote: '"', escape: '\\', nullText: '' },
];

const character = fc.constantFrom(...'aé😀,;\t"\'\\.\r\n N', '""', 'NULL', '\\N', '\\.', '\uFEFFx');
const text = fc.oneof(
  fc.string({ unit: character, maxLength: 8 }),
  // PostgreSQL text holds no NUL; two of them at the start look like UTF-16.
  fc.string({ unit: 'binary', maxLength: 8 }).map((value) => value.replaceAll('\0', '')),
);
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 });

function tables(columns: number): fc.Arbitrary<Table> {
  const field = fc.option(text, { nil: null, freq: 4 });
  const row = fc.array(field, { minLength: columns, maxLength: columns });
  return fc.array(row, { maxLength: 6 });
}

const tableOfAnyWidth = fc.integer({ min: 1, max: 4 }).chain(tables);

/** An own writer: any legal way to write the field, by `style`. */
function written(field: string | null, style: Style, dialect: CsvDialect): string {
  const { delimiter, quote, escape: escapeCharacter, nullText } = dialect;
  if (field === null) return nullText;
  const special = [delimiter, quote, '\r', '\n'].some((each) => field.includes(each));
  if (style === 'bare' && !special && field !== nullText) return field;
  const [, head = '', middle = '', tail = ''] =
    style === 'partly' ? (/^(\w*)(.*?)(\w*)$/s.exec(field) ?? []) : ['', '', field];
  const escaped = [...middle].map((c) =>
    c === quote || c === escapeCharacter ? escapeCharacter + c : c,
  );
  return `${head}${quote}${escaped.join('')}${quote}${tail}`;
}

describe('any table comes back, however it is written and cut into chunks (G4)', () => {
  const styles = fc.infiniteStream(fc.constantFrom<Style>('bare', 'quoted', 'partly'));
  const lineEnds = fc.constantFrom('\n', '\r\n', '\r');

  it('from a writer that uses every liberty', async () => {
    const dialects = fc.constantFrom(...DIALECTS);
    await fc.assert(
      fc.asyncProperty(
        fc.record({ table: tableOfAnyWidth, dialect: dialects, lineEnd: lineEnds, sizes }),
        styles,
        fc.boolean(),
        async ({ table, dialect, lineEnd, sizes: cut }, style, endsWithLineEnd) => {
          const next = () => style.next().value ?? 'quoted';
          const lines = table.map((row) =>
            row.map((field) => written(field, next(), dialect)).join(dialect.delimiter),
          );
          // What begins with U+FEFF looks like a byte order mark; without a line end a last empty line is none.
          fc.pre(!lines[0]?.startsWith('\uFEFF'));
          const end = endsWithLineEnd || lines.at(-1) === '' ? lineEnd : '';
          const csv = lines.length === 0 ? '' : lines.join(lineEnd) + end;
          expect(await csvFields(csv, dialect, cut)).toEqual(table);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('from csv-stringify', async () => {
    await fc.assert(
      fc.asyncProperty(tableOfAnyWidth, lineEnds, sizes, async (table, lineEnd, cut) => {
        const csv = stringify(table, {
          quoted_string: true,
          record_delimiter: lineEnd,
        });
        expect(await csvFields(csv, {}, cut)).toEqual(table);
      }),
      { numRuns: 500 },
    );
  });
});
