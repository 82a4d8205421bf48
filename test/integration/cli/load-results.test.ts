// How `relyt load` reports what it did.

import { describe, expect, test } from 'vitest';
import { listKeys } from '../../support/bucket.ts';
import { HEADER, People } from './people.ts';
import { inputFile, relytProcess } from './relyt.ts';

const people = People.forTests();

describe('results', () => {
  test('--json prints one object, and the staged objects are gone', async () => {
    const { code, stdout, stderr } = await people.load(['-', '--json'], {
      input: `${HEADER}1,Ann,\n`,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const summary = JSON.parse(stdout);
    expect(summary).toEqual({
      ok: true,
      processId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      table: 'public.people',
      records: 1,
      imported: 1,
      rejected: 0,
      rows: { inserted: 1, updated: 0, skipped: 0, superseded: 0, rejected: 0 },
      files: 1,
      inputBytes: 20,
      encodedBytes: expect.any(Number),
      seconds: expect.any(Number),
    });
    const [row] = await people.database.query(
      'select status from relyt_sys.relyt_loader_checkpoint where process_id = $1',
      [summary.processId],
    );
    expect(row).toEqual({ status: 'COMPLETED' });
    expect(await listKeys(people.prefix)).toEqual([]);
  });

  // Most tests of commands run them in the process of the test; what is printed and returned is the same.
  test.each([
    [0, ['--json'], '1,Ann,\n', /^\{"ok":true.*\}\n$/, /^$/],
    [1, [], 'x,Ann,\n', /^$/, /^relyt: .*\n *hint: /],
    [2, ['--no-such-option'], '1,Ann,\n', /^$/, /unknown option/],
    [3, ['--max-errors', '1'], 'x,Ann,\n', /^Loaded 0 records .*\n/, /^rejected: /],
  ])('a process of its own ends with the exit code %i', async (code, args, input, out, err) => {
    const result = await relytProcess(['load', '-', '--table', 'people', ...args], {
      env: { DATABASE_URL: people.database.url },
      input: HEADER + input,
    });
    expect(result).toEqual({
      code,
      stdout: expect.stringMatching(out),
      stderr: expect.stringMatching(err),
    });
  });

  test('--quiet prints nothing', async () => {
    const result = await people.load(['-', '--quiet'], { input: `${HEADER}1,Ann,\n` });
    expect(result).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test.each([
    ['an empty file', '', 'the input is empty'],
    ['only a header', HEADER, 'the input has none'],
  ])('%s: no records, and that is fine', async (_case, content, why) => {
    const result = await people.load([inputFile('people.csv', content)]);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^Loaded 0 records from .*people\.csv into public\.people: /);
    expect(result.stdout).toContain(why);
  });

  test('rejected records within --max-errors: exit code 3, kept with their reason', async () => {
    const input = `${HEADER}1,Ann,\n2,too,many,fields\nx,Bea,\n4,Dan,\n`;
    const result = await people.load(['-', '--max-errors', '2'], { input });
    expect(result.code).toBe(3);
    expect(result.stdout).toMatch(/rejected {2}2; relyt errors \S+ shows them\n/);
    expect(result.stderr).toBe(
      'rejected: Line 3 (record 2) has 4 fields, expected 3 fields.\n' +
        'rejected: Record 3, column "id" (integer): string "x" is not an integer.\n',
    );
    expect((await people.rows()).map(({ id }) => id)).toEqual([1, 4]);
    const processId = /relyt errors (\S+) shows/.exec(result.stdout)?.[1];
    expect(
      await people.database.query(
        'select record_ordinal::int as n, code, record from relyt_sys.relyt_loader_reject where process_id = $1 order by 1',
        [processId],
      ),
    ).toEqual([
      { n: 2, code: 'INPUT_MALFORMED', record: '2,too,many,fields' },
      { n: 3, code: 'RECORD_INVALID', record: ['x', 'Bea', null] },
    ]);
  });

  test('what only the database can refuse counts as rejected, too', async () => {
    await people.database.query('alter table people add check (id < 100)');
    const input = `${HEADER}1,Ann,\n100,Bea,\n`;
    const result = await people.load(['-', '--max-errors', '1', '--json'], { input });
    expect(result.code).toBe(3);
    expect(JSON.parse(result.stdout)).toMatchObject({ ok: true, records: 2, rejected: 1 });
    expect((await people.rows()).map(({ id }) => id)).toEqual([1]);
  });

  test('--on-conflict nothing keeps the rows that are there', async () => {
    await people.database.query("insert into people values (1, 'old')");
    const input = 'id,name\n1,new\n2,new\n';
    const result = await people.load(['-', '--on-conflict', 'nothing'], { input });
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toContain('1 inserted, 1 skipped');
    expect((await people.rows()).map(({ name }) => name)).toEqual(['old', 'new']);
  });

  test('--skip-records passes over records, malformed ones included', async () => {
    const input = `${HEADER}1,Ann,\nmalformed\n3,Cleo,\n4,Dan,\n`;
    expect(await people.load(['-', '--skip-records', '3'], { input })).toMatchObject({ code: 0 });
    expect((await people.rows()).map(({ id }) => id)).toEqual([4]);
  });
});

test('--dry-run looks at the beginning of a file that is longer than its sample', async () => {
  const wide = Array.from({ length: 5000 }, (_, n) => `${n},${'x'.repeat(300)},\n`).join('');
  const file = inputFile('people.csv', HEADER + wide);
  const { code, stdout, stderr } = await people.load([file, '--dry-run', '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, sample: { records: 1000, refused: 0 } });
  expect(await people.rows()).toEqual([]);
});
