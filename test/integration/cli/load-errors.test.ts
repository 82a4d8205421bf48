// What `relyt load` says when it cannot load.

import { describe, expect, test } from 'vitest';
import { HEADER, People } from './people.ts';
import { inputFile } from './relyt.ts';

const people = People.forTests();

describe('G8: what went wrong, and what to do', () => {
  test('a record that cannot be loaded is named by its line', async () => {
    const file = inputFile('people.csv', `${HEADER}1,Ann,\n2,"two\nlines",\nx,Bea,\n`);
    const { code, stderr } = await people.load([file]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^relyt: \S+people\.csv, line 5: Record 3, column "id" \(integer\): string "x" is not an integer\.\n {2}hint: Correct the record\. Then: relyt resume [0-9a-f-]{36} --allow-change source\. Or leave such records out: relyt resume [0-9a-f-]{36} --max-errors N\.\n {2}code: RECORD_INVALID\n {2}task: [0-9a-f-]{36}\n$/,
    );
  });

  test('input that ends badly: what was read is loaded, and it says how to go on', async () => {
    const input = `${HEADER}1,Ann,\n2,Bea,\n3,"never closed,\n`;
    const result = await people.load(['-', '--json'], { input });
    expect(result).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(result.stdout)).toMatchObject({
      ok: false,
      code: 'INPUT_MALFORMED',
      message: 'The quote opened in line 4 is never closed.',
      hint: expect.stringMatching(/--resume [0-9a-f-]{36} .*continue with --skip-records 2\.$/),
      details: { line: 4 },
      processId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect((await people.rows()).map(({ id }) => id)).toEqual([1, 2]);
  });

  test('a column the table does not have: nothing is recorded, the right name is suggested', async () => {
    const before = await people.database.query(
      'select count(*) from relyt_sys.relyt_loader_checkpoint',
    );
    for (const input of ['id,nmae\n1,Ann\n', '{"id":1,"nmae":"Ann"}\n']) {
      const { code, stderr } = await people.load(['-'], { input });
      expect(code).toBe(1);
      expect(stderr).toContain('has no column "nmae"');
      expect(stderr).toContain('Did you mean "name"?');
      expect(stderr).toContain('code: COLUMN_UNKNOWN');
    }
    expect(await people.rows()).toEqual([]);
    const after = await people.database.query(
      'select count(*) from relyt_sys.relyt_loader_checkpoint',
    );
    // NDJSON has no header: only its first record tells, when the task is recorded already.
    expect(Number(after[0]?.count)).toBe(Number(before[0]?.count) + 1);
  });

  const missing = 'postgresql://someone:sesame-open@127.0.0.1:1/db';
  test.each<[string, string[], number, string, string]>([
    ['a host that is not there', ['--database-url', missing], 1, 'DATABASE_UNREACHABLE', 'connect'],
    ['no URL at all', ['--database-url', 'sesame-open'], 2, 'CONFIG_INVALID', 'not postgres://'],
    ['no such file', ['/no/such/file'], 2, 'CONFIG_INVALID', 'does not exist'],
    ['an unknown option', ['--max-error', '1'], 2, 'CONFIG_INVALID', 'Did you mean --max-errors'],
    ['a number that is none', ['--concurrency', 'two'], 2, 'CONFIG_INVALID', 'whole number'],
    ['a setting out of range', ['--concurrency', '1000'], 2, 'CONFIG_INVALID', 'concurrency'],
    ['a choice that is none', ['--on-conflict', 'maybe'], 2, 'CONFIG_INVALID', 'Allowed choices'],
    ['a delimiter of two', ['--delimiter', '||'], 2, 'CONFIG_INVALID', 'one ASCII character'],
    ['names that do not fit', ['--columns', 'id'], 1, 'INPUT_MALFORMED', 'expected 1 field'],
  ])('%s', async (_case, args, code, errorCode, words) => {
    const path = args[0]?.startsWith('/') ? args : ['-', ...args];
    const result = await people.load(path, { input: `${HEADER}1,Ann,\n` });
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toContain(`code: ${errorCode}`);
    expect(result.stderr).toContain(words);
    expect(result.stderr).not.toContain('sesame-open');
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });

  test('G7: a wrong password, and no password in the message', async () => {
    const url = new URL(people.database.url);
    url.password = 'wrong-password';
    const args = ['-', '--database-url', url.href];
    for (const env of [{}, { RELYT_DEBUG: '1' }]) {
      const { code, stdout, stderr } = await people.load(args, { env, input: HEADER });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain('code: DATABASE_AUTH_FAILED');
      expect(stderr).not.toContain('wrong-password');
    }
  });

  test('a table that is not there, and no table at all', async () => {
    const wrong = await people.relyt(['load', '-', '--table', 'missing.people', '--json']);
    expect(wrong).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(wrong.stdout)).toMatchObject({
      ok: false,
      code: 'TABLE_NOT_FOUND',
      message: 'The table missing.people does not exist.',
      processId: null,
    });
    const none = await people.relyt(['load', '-']);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("required option '--table <schema.table>' not specified");
  });

  test('RELYT_DEBUG shows where it came from', async () => {
    const { stderr } = await people.load(['/no/such/file'], { env: { RELYT_DEBUG: '1' } });
    expect(stderr).toMatch(/^\s+at /m);
  });
});
