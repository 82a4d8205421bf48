/** The oracle for CSV is COPY itself: what it makes of a text, or that it refuses it. */
import fc from 'fast-check';
import pg from 'pg';
import { expect, it } from 'vitest';
import { csvDialect } from '../../../src/input/csv-dialect.ts';
import { type CsvOptions, readCsv } from '../../../src/input/csv-reader.ts';
import type { FormatOptions } from '../../../src/input/format-options.ts';
import { nullRules } from '../../../src/input/null-rules.ts';
import {
  type CopyCase,
  copied,
  describeCopy,
  expectSameOutcomes,
  type Outcome,
  read,
} from './copy-oracle.ts';

interface Case extends CopyCase {
  readonly options: CsvOptions & Pick<FormatOptions, 'forceNull' | 'forceNotNull'>;
}

function copiedCsv(client: pg.ClientBase, each: Case): Promise<Outcome> {
  const { options } = each;
  const dialect = csvDialect(options);
  const literal = pg.escapeLiteral;
  const forced = Object.entries({
    force_null: options.forceNull,
    force_not_null: options.forceNotNull,
  });
  const force = forced.map(([name, columns]) =>
    Array.isArray(columns) ? `, ${name} (${columns.join(', ')})` : '',
  );
  return copied(
    client,
    each,
    `format csv, header ${options.header ?? true}, delimiter ${literal(dialect.delimiter)},
     quote ${literal(dialect.quote)}, escape ${literal(dialect.escape)}, null ${literal(dialect.nullText)}${force.join('')}`,
  );
}

function readAsCsv(each: Case): Promise<Outcome> {
  const { columnCount, options } = each;
  const names = ['a', 'b'].slice(0, columnCount);
  const rules = nullRules(names, options);
  return read(each, (chunks) =>
    readCsv(chunks, { ...options, columnCount, nullRules: () => rules }),
  );
}

/** Before PostgreSQL 18, COPY takes a line of only `\.` for the end; for the reader it is data, as since then. */
const END_MARKER = /(^|[\r\n])\\\.([\r\n]|$)/;

const DIALECTS: readonly CsvOptions[] = [
  {},
  {},
  { escape: '\\' },
  { nullText: 'a' },
  { nullText: '\\.' },
  { delimiter: '.', quote: 'a' },
  { delimiter: ' ', quote: ',', escape: '"' },
];

const character = fc.constantFrom(...'a",\n\r\\. é', '"', ',', '\n', '\n', '\r\n', '\\.', '""');
const texts = fc.string({ unit: character, maxLength: 14 });
/** Rows with the right number of fields, most of them well-formed. */
const field = fc.oneof(
  fc.constantFrom(
    'a',
    '',
    '""',
    '"a"',
    ' ',
    '"a,a"',
    '"\r\n"',
    'é"\r,"a',
    '""""',
    '\\',
    '"\\""',
    '\\.',
  ),
  fc.string({ unit: fc.constantFrom(...'a"\\. é'), maxLength: 3 }),
);
const rows = fc.array(fc.tuple(field, field), { maxLength: 3 });

const cases: fc.Arbitrary<Case> = fc
  .record({
    body: fc.oneof(texts, rows, rows),
    columnCount: fc.constantFrom<1 | 2>(1, 2),
    dialect: fc.constantFrom(...DIALECTS),
    lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
    forceNull: fc.constantFrom(undefined, undefined, ['a']),
    forceNotNull: fc.constantFrom(undefined, undefined, ['a']),
    header: fc.boolean(),
    lastLineEnds: fc.boolean(),
  })
  .map(({ body, columnCount, dialect, lineEnd, header, lastLineEnds, ...forced }) => {
    const { delimiter } = csvDialect(dialect);
    const joined = (fields: readonly string[]) => fields.slice(0, columnCount).join(delimiter);
    const names = header ? joined(['x', 'y']) + lineEnd : '';
    const text = typeof body === 'string' ? body : body.map(joined).join(lineEnd);
    const bytes = Buffer.from(names + text + (lastLineEnds ? lineEnd : ''));
    return { bytes, columnCount, options: { ...dialect, ...forced, header } };
  });

describeCopy('CSV', ({ name, client }) => {
  it('gives the rows COPY loads, and refuses what COPY refuses (G4)', async () => {
    const ends = ({ bytes }: Case) => name === 'postgres-15' && END_MARKER.test(bytes.toString());
    const given = fc.sample(cases, 1000).filter((each) => !ends(each));
    await expectSameOutcomes(given, 150, {
      copy: (each) => copiedCsv(client(), each),
      reader: readAsCsv,
    });
  });

  it.each([
    ['ff', [0xff]],
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a character beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['half a character', [0xe2, 0x82]],
    ['NUL at the start', [0]],
  ])('refuses %s as COPY does', async (_, bytes) => {
    const each: Case = { bytes: Buffer.from(bytes), columnCount: 1, options: { header: false } };
    expect(await copiedCsv(client(), each)).toBe('refused');
    expect(await readAsCsv(each)).toBe('refused');
  });

  it('takes \\. as data where COPY before 18 stops and loses the rest (G2)', async () => {
    const bytes = Buffer.from('a\n\\.\nb\n');
    const each: Case = { bytes, columnCount: 1, options: { header: false } };
    expect(await readAsCsv(each)).toEqual([['a'], ['\\.'], ['b']]);
    const expected = name === 'postgres-15' ? [['a']] : [['a'], ['\\.'], ['b']];
    expect(await copiedCsv(client(), each)).toEqual(expected);
  });
});
