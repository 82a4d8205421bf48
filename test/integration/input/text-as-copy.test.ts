/** The oracle for the text format is COPY itself: what it makes of a text, or that it refuses it. */
import fc from 'fast-check';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { expect, it } from 'vitest';
import { readText, type TextOptions } from '../../../src/input/text-reader.ts';
import {
  type CopyCase,
  copied,
  describeCopy,
  expectSameOutcomes,
  type Outcome,
  read,
} from './copy-oracle.ts';

interface Case extends CopyCase {
  readonly options: TextOptions;
}

function copiedText(client: pg.ClientBase, each: Case): Promise<Outcome> {
  const { delimiter = '\t', nullText = '\\N' } = each.options;
  const literal = pg.escapeLiteral;
  return copied(
    client,
    each,
    `format text, delimiter ${literal(delimiter)}, null ${literal(nullText)}`,
  );
}

function readAsText(each: Case): Promise<Outcome> {
  const { columnCount, options } = each;
  return read(each, (chunks) => readText(chunks, { ...options, columnCount }));
}

/** Where COPY stops, or before PostgreSQL 18 may stop in the middle of a line, and passes over the rest. */
const END_MARKER = '\\.';

const DIALECTS: readonly TextOptions[] = [
  {},
  {},
  {},
  { delimiter: '|', nullText: '' },
  { delimiter: ',', nullText: 'a' },
  { delimiter: ' ', nullText: '\\a' },
  { delimiter: 'X', nullText: '\\\\' },
];

const piece = fc.constantFrom(
  ...'a\\N01234x7\té|',
  ...[
    '\\N',
    '\\t',
    '\\\t',
    '\\\n',
    '\\\r',
    '\\x4',
    '\\x41',
    '\\101',
    '\\303\\251',
    '\\\\',
    '\\x',
    '\\q',
  ],
);
const field = fc.string({ unit: piece, maxLength: 4 });
const rows = fc.array(fc.tuple(field, field), { maxLength: 3 });
const texts = fc.string({
  unit: fc.oneof(piece, fc.constantFrom('\n', '\t', '\r\n', '\r')),
  maxLength: 12,
});

const cases: fc.Arbitrary<Case> = fc
  .record({
    body: fc.oneof(texts, rows, rows, rows),
    columnCount: fc.constantFrom<1 | 2>(1, 2),
    options: fc.constantFrom(...DIALECTS),
    lineEnd: fc.constantFrom('\n', '\n', '\r\n', '\r'),
    lastLineEnds: fc.boolean(),
  })
  .map(({ body, columnCount, options, lineEnd, lastLineEnds }) => {
    const { delimiter = '\t' } = options;
    const joined = (fields: readonly string[]) => fields.slice(0, columnCount).join(delimiter);
    const text = typeof body === 'string' ? body : body.map(joined).join(lineEnd);
    return { bytes: Buffer.from(text + (lastLineEnds ? lineEnd : '')), columnCount, options };
  });

describeCopy('text', ({ client }) => {
  it('gives the rows COPY loads, and refuses what COPY refuses (G4)', async () => {
    const given = fc.sample(cases, 1000).filter(({ bytes }) => !bytes.includes(END_MARKER));
    await expectSameOutcomes(given, 100, {
      copy: (each) => copiedText(client(), each),
      reader: readAsText,
    });
  });

  it('reads what COPY TO writes, whatever the values are (G4)', async () => {
    const value = fc.option(
      fc.string({ unit: fc.constantFrom(...'\b\f\n\r\t\v\\.Na é💡"'), maxLength: 6 }),
      { nil: null },
    );
    const written = fc.sample(fc.tuple(value, value), 200);
    await client().query('insert into copy_2 (a, b) select * from unnest($1::text[], $2::text[])', [
      written.map(([a]) => a),
      written.map(([, b]) => b),
    ]);
    const bytes = await copiedOut(client());
    const each: Case = { bytes, columnCount: 2, options: {} };
    expect(await readAsText(each)).toEqual(written);
  });

  it('stops where COPY stops (G4)', async () => {
    const each: Case = { bytes: Buffer.from('a\n\\.\n'), columnCount: 1, options: {} };
    expect(await copiedText(client(), each)).toEqual([['a']]);
    expect(await readAsText(each)).toEqual([['a']]);
  });
});

async function copiedOut(client: pg.ClientBase): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const query = 'copy (select a, b from copy_2 order by ordinal) to stdout';
  for await (const chunk of client.query(copyTo(query))) chunks.push(chunk);
  await client.query('delete from copy_2');
  return Buffer.concat(chunks);
}
