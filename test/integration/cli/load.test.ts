import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deleteKeys, listKeys, uniquePrefix } from '../../support/bucket.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { inputFile, type RelytOptions, relyt, s3Environment } from './relyt.ts';

const prefix = uniquePrefix();
const HEADER = 'id,name,born\n';
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  const env = { DATABASE_URL: database.url, ...s3Environment(prefix) };
  expect(await relyt(['init'], { env })).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await database.drop();
  await deleteKeys(prefix);
});
beforeEach(async () => {
  await database.query('drop table if exists people');
  await database.query('create table people (id int primary key, name text, born date)');
});

/** A load into public.people; `-` first in the arguments to read `input`. */
function load(args: readonly string[], options: RelytOptions = {}) {
  const env = { DATABASE_URL: database.url, ...options.env };
  return relyt(['load', ...args, '--table', 'people'], { ...options, env });
}

function people(): Promise<Record<string, unknown>[]> {
  return database.query('select id, name, born::text from people order by id');
}

describe('formats', () => {
  test('CSV with a header: its names are the columns, in any order', async () => {
    const file = inputFile('people.csv', 'born,id,name\n2000-01-02,1,Ann\n,2,""\n,3,\n');
    const { code, stdout, stderr } = await load([file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Loaded 3 records \(40 bytes\) from \S+people\.csv into public\.people in [\d.]+ s \([\d,]+\/s\): 3 inserted\.\n$/,
    );
    expect(await people()).toEqual([
      { id: 1, name: 'Ann', born: '2000-01-02' },
      { id: 2, name: '', born: null },
      { id: 3, name: null, born: null },
    ]);
  });

  test('CSV without header fills all columns in order, generated ones left out, as COPY does', async () => {
    await database.query('alter table people add twice int generated always as (id * 2) stored');
    await database.query('alter table people add last text');
    const result = await load(['-', '--no-header', '--format', 'csv'], {
      input: '7,Bea,2001-01-01,end\n',
    });
    expect(result).toMatchObject({ code: 0 });
    expect(await database.query('select id, name, twice, last from people')).toEqual([
      { id: 7, name: 'Bea', twice: 14, last: 'end' },
    ]);
  });

  test('--columns renames the fields, and an empty name skips one', async () => {
    const input = 'Number,Comment,Full name\n1,x,Ann\n';
    expect(await load(['-', '--columns', 'id,,name'], { input })).toMatchObject({ code: 0 });
    expect(await people()).toEqual([{ id: 1, name: 'Ann', born: null }]);
  });

  test('delimiter, quote and null text', async () => {
    const args = ['-', '--delimiter', '\\t', '--quote', "'", '--null', 'NULL'];
    const input = "id\tname\n1\t'a\tb'\n2\tNULL\n3\t'NULL'\n4\t\n";
    expect(await load(args, { input })).toMatchObject({ code: 0 });
    expect((await people()).map(({ name }) => name)).toEqual(['a\tb', null, 'NULL', '']);
  });

  test('NDJSON keeps digits, and json columns stay JSON', async () => {
    await database.query('alter table people add price numeric, add info json, add tags text[]');
    const input =
      '{"id":1,"name":"Ann","price":12345678901234567890.10,"info":"text","tags":["a","b c"]}\n' +
      '{"id":2,"name":null,"price":null,"info":{"n": 1.10},"tags":null}\n';
    expect(await load(['-'], { input })).toMatchObject({ code: 0 });
    expect(
      await database.query(
        'select name, price::text, info::text, tags::text from people order by id',
      ),
    ).toEqual([
      { name: 'Ann', price: '12345678901234567890.10', info: '"text"', tags: '{a,"b c"}' },
      { name: null, price: null, info: '{"n": 1.10}', tags: null },
    ]);
  });

  test('gzip is recognised, from a file and from standard input', async () => {
    const gzipped = gzipSync(`${HEADER}1,Ann,\n`);
    expect(await load([inputFile('data', gzipped)])).toMatchObject({ code: 0 });
    expect(await load(['-'], { input: gzipSync('{"id":2,"name":"Bea"}\n') })).toMatchObject({
      code: 0,
    });
    expect((await people()).map(({ name }) => name)).toEqual(['Ann', 'Bea']);
  });

  test('names are taken as the catalogue spells them', async () => {
    await database.query('create schema "Odd.Schema"');
    await database.query('create table "Odd.Schema"."Odd ""Table" ("Id" int)');
    const result = await relyt(['load', '-', '--table', '"Odd.Schema"."Odd ""Table"'], {
      env: { DATABASE_URL: database.url },
      input: 'Id\n5\n',
    });
    expect(result).toMatchObject({ code: 0 });
    expect(await database.query('select "Id" from "Odd.Schema"."Odd ""Table"')).toEqual([
      { Id: 5 },
    ]);
  });
});

describe('results', () => {
  test('--json prints one object, and the staged objects are gone', async () => {
    const { code, stdout, stderr } = await load(['-', '--json'], { input: `${HEADER}1,Ann,\n` });
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
      csvBytes: expect.any(Number),
      seconds: expect.any(Number),
    });
    const [row] = await database.query(
      'select status from relyt_sys.relyt_loader_checkpoint where process_id = $1',
      [summary.processId],
    );
    expect(row).toEqual({ status: 'COMPLETED' });
    expect(await listKeys(prefix)).toEqual([]);
  });

  test('--quiet prints nothing', async () => {
    const result = await load(['-', '--quiet'], { input: `${HEADER}1,Ann,\n` });
    expect(result).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test.each([
    ['an empty file', '', 'the input is empty'],
    ['only a header', HEADER, 'the input has none'],
  ])('%s: no records, and that is fine', async (_case, content, why) => {
    const result = await load([inputFile('people.csv', content)]);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^Loaded 0 records from .*people\.csv into public\.people: /);
    expect(result.stdout).toContain(why);
  });

  test('rejected records within --max-errors: exit code 3, kept with their reason', async () => {
    const input = `${HEADER}1,Ann,\n2,too,many,fields\nx,Bea,\n4,Dan,\n`;
    const result = await load(['-', '--max-errors', '2'], { input });
    expect(result.code).toBe(3);
    expect(result.stdout).toContain('2 records rejected: relyt_sys.relyt_loader_reject');
    expect(result.stderr).toBe(
      'rejected: Line 3 (record 2) has 4 fields, expected 3 fields.\n' +
        'rejected: Record 3, column "id" (integer): string "x" is not an integer.\n',
    );
    expect((await people()).map(({ id }) => id)).toEqual([1, 4]);
    const processId = /process_id (\S+)\.\n$/.exec(result.stdout)?.[1];
    expect(
      await database.query(
        'select record_ordinal::int as n, code, record from relyt_sys.relyt_loader_reject where process_id = $1 order by 1',
        [processId],
      ),
    ).toEqual([
      { n: 2, code: 'INPUT_MALFORMED', record: '2,too,many,fields' },
      { n: 3, code: 'RECORD_INVALID', record: ['x', 'Bea', null] },
    ]);
  });

  test('what only the database can refuse counts as rejected, too', async () => {
    await database.query('alter table people add check (id < 100)');
    const input = `${HEADER}1,Ann,\n100,Bea,\n`;
    const result = await load(['-', '--max-errors', '1', '--json'], { input });
    expect(result.code).toBe(3);
    expect(JSON.parse(result.stdout)).toMatchObject({ ok: true, records: 2, rejected: 1 });
    expect((await people()).map(({ id }) => id)).toEqual([1]);
  });

  test('--on-conflict nothing keeps the rows that are there', async () => {
    await database.query("insert into people values (1, 'old')");
    const input = 'id,name\n1,new\n2,new\n';
    const result = await load(['-', '--on-conflict', 'nothing'], { input });
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toContain('1 inserted, 1 skipped');
    expect((await people()).map(({ name }) => name)).toEqual(['old', 'new']);
  });

  test('--skip-records passes over records, malformed ones included', async () => {
    const input = `${HEADER}1,Ann,\nmalformed\n3,Cleo,\n4,Dan,\n`;
    expect(await load(['-', '--skip-records', '3'], { input })).toMatchObject({ code: 0 });
    expect((await people()).map(({ id }) => id)).toEqual([4]);
  });
});

describe('G8: what went wrong, and what to do', () => {
  test('a record that cannot be loaded is named by its line', async () => {
    const file = inputFile('people.csv', `${HEADER}1,Ann,\n2,"two\nlines",\nx,Bea,\n`);
    const { code, stderr } = await load([file]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^relyt: \S+people\.csv, line 5: Record 3, column "id" \(integer\): string "x" is not an integer\.\n {2}hint: Correct the record\. Then: relyt resume [0-9a-f-]{36} --allow-change source\. Or leave such records out: relyt resume [0-9a-f-]{36} --max-errors N\.\n {2}code: RECORD_INVALID\n {2}task: [0-9a-f-]{36}\n$/,
    );
  });

  test('input that ends badly: what was read is loaded, and it says how to go on', async () => {
    const input = `${HEADER}1,Ann,\n2,Bea,\n3,"never closed,\n`;
    const result = await load(['-', '--json'], { input });
    expect(result).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(result.stdout)).toMatchObject({
      ok: false,
      code: 'INPUT_MALFORMED',
      message: 'The quote opened in line 4 is never closed.',
      hint: expect.stringMatching(/--resume [0-9a-f-]{36} .*go on with --skip-records 2\.$/),
      details: { line: 4 },
      processId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect((await people()).map(({ id }) => id)).toEqual([1, 2]);
  });

  test('a column the table does not have: nothing is recorded, the right name is suggested', async () => {
    const before = await database.query('select count(*) from relyt_sys.relyt_loader_checkpoint');
    for (const input of ['id,nmae\n1,Ann\n', '{"id":1,"nmae":"Ann"}\n']) {
      const { code, stderr } = await load(['-'], { input });
      expect(code).toBe(1);
      expect(stderr).toContain('has no column "nmae"');
      expect(stderr).toContain('Did you mean "name"?');
      expect(stderr).toContain('code: COLUMN_UNKNOWN');
    }
    expect(await people()).toEqual([]);
    const after = await database.query('select count(*) from relyt_sys.relyt_loader_checkpoint');
    // NDJSON has no header: only its first record tells, when the task is recorded already.
    expect(Number(after[0]?.count)).toBe(Number(before[0]?.count) + 1);
  });

  const missing = 'postgresql://someone:sesame-open@127.0.0.1:1/db';
  test.each<[string, string[], number, string, string]>([
    ['a host that is not there', ['--database-url', missing], 1, 'DATABASE_UNREACHABLE', 'connect'],
    ['no URL at all', ['--database-url', 'sesame-open'], 2, 'CONFIG_INVALID', 'not valid'],
    ['no such file', ['/no/such/file'], 2, 'CONFIG_INVALID', 'does not exist'],
    ['an unknown option', ['--max-error', '1'], 2, 'CONFIG_INVALID', 'Did you mean --max-errors'],
    ['a number that is none', ['--concurrency', 'two'], 2, 'CONFIG_INVALID', 'whole number'],
    ['a setting out of range', ['--concurrency', '1000'], 2, 'CONFIG_INVALID', 'concurrency'],
    ['a choice that is none', ['--on-conflict', 'maybe'], 2, 'CONFIG_INVALID', 'Allowed choices'],
    ['a delimiter of two', ['--delimiter', '||'], 2, 'CONFIG_INVALID', 'one ASCII character'],
    ['names that do not fit', ['--columns', 'id'], 2, 'CONFIG_INVALID', 'header has 3'],
  ])('%s', async (_case, args, code, errorCode, words) => {
    const path = args[0]?.startsWith('/') ? args : ['-', ...args];
    const result = await load(path, { input: `${HEADER}1,Ann,\n` });
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toContain(`code: ${errorCode}`);
    expect(result.stderr).toContain(words);
    expect(result.stderr).not.toContain('sesame-open');
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });

  test('G7: a wrong password, and no password in the message', async () => {
    const url = new URL(database.url);
    url.password = 'wrong-password';
    const args = ['-', '--database-url', url.href];
    for (const env of [{}, { RELYT_DEBUG: '1' }]) {
      const { code, stdout, stderr } = await load(args, { env, input: HEADER });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain('code: DATABASE_AUTH_FAILED');
      expect(stderr).not.toContain('wrong-password');
    }
  });

  test('a table that is not there, and no table at all', async () => {
    const env = { DATABASE_URL: database.url };
    const wrong = await relyt(['load', '-', '--table', 'nobody.people', '--json'], { env });
    expect(wrong).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(wrong.stdout)).toMatchObject({
      ok: false,
      code: 'TABLE_NOT_FOUND',
      message: 'the table nobody.people does not exist',
      processId: null,
    });
    const none = await relyt(['load', '-'], { env });
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("required option '--table <schema.table>' not specified");
  });

  test('RELYT_DEBUG shows where it came from', async () => {
    const { stderr } = await load(['/no/such/file'], { env: { RELYT_DEBUG: '1' } });
    expect(stderr).toMatch(/^\s+at /m);
  });
});

test('PG* variables stand in for the URL', async () => {
  const url = new URL(database.url);
  const env = {
    DATABASE_URL: '',
    PGHOST: url.hostname,
    PGPORT: url.port,
    PGUSER: url.username,
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: url.pathname.slice(1),
  };
  expect(await load(['-'], { env, input: 'id\n1\n' })).toMatchObject({ code: 0 });
  expect(await people()).toHaveLength(1);
});

test('S3 settings of the environment override those of the database', async () => {
  const other = uniquePrefix();
  const env = { RELYT_S3_PREFIX: other, RELYT_S3_SECRET_KEY: 'not-the-secret' };
  const wrong = await load(['-'], { env, input: 'id\n1\n' });
  expect(wrong).toMatchObject({ code: 1 });
  expect(wrong.stderr).toContain('code: S3_AUTH_FAILED');
  expect(wrong.stderr).not.toContain('not-the-secret');
  expect(await load(['-'], { env: { RELYT_S3_PREFIX: other }, input: 'id\n1\n' })).toMatchObject({
    code: 0,
  });
  const [file] = await database.query<{ s3_key: string }>(
    `select s3_key from relyt_sys.relyt_loader_file where status = 'IMPORTED' order by imported_at desc limit 1`,
  );
  expect(file?.s3_key.startsWith(`${other}/`)).toBe(true);
});
