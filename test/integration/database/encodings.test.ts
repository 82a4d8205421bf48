// The schema installs, and records load, whatever the encoding of the server (G4).

import { describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { deleteKeys, uniquePrefix } from '../../support/bucket.ts';
import { createTestDatabase } from '../../support/database.ts';
import { failureOf, TestTarget } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

/** By every way through the loader; the first are of one byte, of several, and of no certain meaning. */
const THOROUGH = [
  ['UTF8', 'naïve Ωμέγα 漢字 🐘'],
  ['LATIN1', 'naïve Grüße ÿ'],
  ['LATIN9', 'Œuvre à 5 €'],
  ['WIN1252', '„Grüße“ – 5 €'],
  ['EUC_JP', '漢字とかな'],
  ['SQL_ASCII', 'naïve 漢字 🐘'],
] as const;

/** The other ones that a server may have. */
const OTHERS = [
  ...[
    ['EUC_CN', '汉字'],
    ['EUC_KR', '한글'],
    ['EUC_TW', '漢字'],
    ['EUC_JIS_2004', 'かな'],
  ],
  ...[
    ['LATIN2', 'ő'],
    ['LATIN3', 'ħ'],
    ['LATIN4', 'ē'],
    ['LATIN5', 'ğ'],
    ['LATIN6', 'ð'],
  ],
  ...[
    ['LATIN7', 'ž'],
    ['LATIN8', 'ŵ'],
    ['LATIN10', 'ș'],
    ['ISO_8859_5', 'Ж'],
  ],
  ...[
    ['ISO_8859_6', 'ع'],
    ['ISO_8859_7', 'Ω'],
    ['ISO_8859_8', 'א'],
    ['KOI8R', 'Ж'],
  ],
  ...[
    ['KOI8U', 'ї'],
    ['WIN866', 'Ж'],
    ['WIN874', 'ก'],
    ['WIN1250', 'ő'],
    ['WIN1251', 'Ж'],
  ],
  ...[
    ['WIN1253', 'Ω'],
    ['WIN1254', 'ğ'],
    ['WIN1255', 'א'],
    ['WIN1256', 'ع'],
    ['WIN1257', 'ž'],
  ],
  ...[['WIN1258', 'ơ']],
] as const;

/** No server converts between it and UTF-8, in which clients talk. */
const WITHOUT_UTF8 = 'MULE_INTERNAL';

/** Of PostgreSQL's numbers of encodings, the last that a server may have. */
const LAST_OF_SERVERS = 34;

test('the encodings that are tried are all that there are', async () => {
  await using database = await createTestDatabase();
  const rows = await database.query<{ name: string }>(
    `select pg_encoding_to_char(n) as name from generate_series(0, ${LAST_OF_SERVERS}) n`,
  );
  const tried = [...THOROUGH, ...OTHERS].map(([name]) => name);
  expect(rows.map(({ name }) => name).sort()).toEqual([...tried, WITHOUT_UTF8].sort());
});

test(`a database in ${WITHOUT_UTF8} is refused, and said to be (G8)`, async () => {
  await using database = await createTestDatabase(defaultServer(), { encoding: WITHOUT_UTF8 });
  const postgresql = { connectionString: database.url, table: 't' };
  const failure = await failureOf(BulkProcessor.create({ postgresql, engine: 'direct' }));
  expect(failure.message).toContain(WITHOUT_UTF8);
});

test.each(OTHERS)('a database in %s takes records', async (encoding = '', text = '') => {
  await using database = await createTestDatabase(defaultServer(), { encoding });
  await database.query('create table t (id int primary key, name text)');
  const target = new TestTarget(database, { schema: 'public', table: 't', prefix: uniquePrefix() });
  const records = [
    { id: 1, name: `plain and ${text}` },
    { id: 2, name: '🐘' },
  ];
  const processId = await target.load(records, { engine: 'direct', maxErrorRecords: 1 });
  expect(await target.rows()).toEqual([records[0]]);
  expect(
    await database.query(
      'select record_ordinal::int as n, stage from relyt_sys.relyt_loader_reject where process_id = $1',
      [processId],
    ),
  ).toEqual([{ n: 2, stage: 'encode' }]);
});

describe.each(THOROUGH)('a database in %s', (encoding, text) => {
  test.each(['postgres', 'copy'] as const)('takes records by the engine %s', async (engine) => {
    await using database = await createTestDatabase(defaultServer(), { encoding });
    const prefix = uniquePrefix();
    try {
      await database.query('create table t (id int primary key, name text)');
      const target = new TestTarget(database, { schema: 'public', table: 't', prefix });
      const records = [
        { id: 1, name: text },
        { id: 2, name: 'plain' },
        { id: 1, name: `${text}!` },
      ];
      await target.load(records, { engine });
      expect(await target.rows()).toEqual([
        { id: 1, name: `${text}!` },
        { id: 2, name: 'plain' },
      ]);
    } finally {
      await deleteKeys(prefix);
    }
  });
});
