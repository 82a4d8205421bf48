// Input of which the rest cannot be read: no record could be left out, so no hint says so (G8).

import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { commandsIn, HEADER, People } from './people.ts';
import { inputFile } from './relyt.ts';

const people = People.forTests();
const GOOD = `${HEADER}1,Ann,\n2,Bea,\n3,Cleo,\n`;
const ZIPPED = gzipSync(GOOD, { level: 0 });
const LATIN1 = Buffer.from(GOOD.replace('Cleo', 'Cl\u00e9o'), 'latin1');

interface Broken {
  readonly name?: string;
  readonly content: string | Buffer;
  readonly corrected: string | Buffer;
  readonly words: string;
}

async function broken({ name = 'people.csv', content }: Broken) {
  // No key: what is loaded twice stays twice.
  await people.database.query('alter table people drop constraint people_pkey');
  const file = inputFile(name, content);
  const { code, stdout } = await people.load([file, '--json', '--max-errors', '5']);
  expect(code).toBe(1);
  const error = JSON.parse(stdout) as { code: string; message: string; hint: string };
  expect(error.code).toBe('INPUT_MALFORMED');
  expect(error.hint).not.toContain('max-errors');
  return { file, error };
}

async function expectMended(file: string, hint: string, corrected: string | Buffer): Promise<void> {
  writeFileSync(file, corrected);
  const [command = ''] = commandsIn(hint);
  expect(command).toMatch(/^relyt resume \S+ --allow-change source$/);
  expect(await people.run(command)).toMatchObject({ code: 0 });
  expect((await people.rows()).map(({ id }) => id)).toEqual([1, 2, 3]);
}

test.each<[string, Broken]>([
  [
    'a quote that is never closed',
    { content: GOOD.replace('Cleo', '"Cleo'), corrected: GOOD, words: 'never closed' },
  ],
  [
    'line ends of two kinds',
    { content: GOOD.replace('Cleo,\n', 'Cleo,\r\n'), corrected: GOOD, words: 'CRLF line end' },
  ],
  ['bytes that are not UTF-8', { content: LATIN1, corrected: GOOD, words: 'not UTF-8' }],
  [
    'gzip that ends too early',
    {
      name: 'people.csv.gz',
      content: ZIPPED.subarray(0, -14),
      corrected: ZIPPED,
      words: 'ends too early',
    },
  ],
  [
    'gzip that something follows',
    {
      name: 'people.csv.gz',
      content: Buffer.concat([ZIPPED, Buffer.alloc(4), Buffer.from('more')]),
      corrected: ZIPPED,
      words: 'other data follow',
    },
  ],
])(
  'G8: %s: what is before it is loaded, and the printed command loads the rest',
  async (_case, input) => {
    const { file, error } = await broken(input);
    const done = (await people.rows()).length;
    expect(done).toBeGreaterThanOrEqual(2);
    expect(error.message).toContain(input.words);
    expect(error.hint).toMatch(
      new RegExp(
        `Dealt with before it: ${done} records; a new load would continue with --skip-records ${done}\\.$`,
      ),
    );
    await expectMended(file, error.hint, input.corrected);
  },
);

describe('G8: when nothing stands before it', () => {
  test.each<[string, Broken]>([
    [
      'a JSON object over several lines',
      {
        name: 'people.ndjson',
        content: '{\n"id":1}\n{"id":2}\n{"id":3}\n',
        corrected: '{"id":1}\n{"id":2}\n{"id":3}\n',
        words: 'over several lines',
      },
    ],
    [
      'a first record whose quote is never closed',
      {
        content: GOOD.replace('Ann', '"Ann'),
        corrected: GOOD,
        words: 'never closed',
      },
    ],
  ])('%s: no records are counted', async (_case, input) => {
    const { file, error } = await broken(input);
    expect(error.message).toContain(input.words);
    expect(error.hint).not.toMatch(/skip-records|0 records|before/);
    await expectMended(file, error.hint, input.corrected);
  });
});

test('G8: a record that alone is malformed can be left out, and the hint says so', async () => {
  const file = inputFile('people.csv', GOOD.replace('2,Bea,', '2,Bea'));
  const { code, stderr } = await people.load([file]);
  expect(code).toBe(1);
  const [, leaveOut = ''] = commandsIn(stderr);
  expect(leaveOut).toContain('--max-errors N');
  expect(await people.run(leaveOut.replace(/ N$/, ' 1'))).toMatchObject({ code: 3 });
  expect((await people.rows()).map(({ id }) => id)).toEqual([1, 3]);
});
