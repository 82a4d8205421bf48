// `relyt load --dry-run` shows what a load would run, and runs none of it (G7: without a secret).

import { describe, expect, test } from 'vitest';
import type { ImportExplanation } from '../../../src/explain/explain-import.ts';
import { listKeys, uniquePrefix } from '../../support/bucket.ts';
import { createTestDatabase } from '../../support/database.ts';
import { type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer, newestServers, testStack, watchLog } from '../../support/stack.ts';
import { inputFile, relyt, s3Environment } from './relyt.ts';
import { environmentOf, relytOn } from './relyt-on.ts';

const CSV = 'id,v\n1,one\n2,"two, and ""more"""\n';
const { secretKey, accessKey } = testStack().s3;

async function explanation(target: TestTarget, ...args: string[]): Promise<ImportExplanation> {
  const table = `${target.schema}.${target.table}`;
  const file = inputFile('in.csv', CSV);
  const result = await relytOn(
    target,
    'load',
    file,
    '--table',
    table,
    '--dry-run',
    '--json',
    ...args,
  );
  expect(result).toMatchObject({ code: 0, stderr: '' });
  const { ok, ...shown } = JSON.parse(result.stdout);
  expect(ok).toBe(true);
  return shown;
}

/** Statements as the server's log has them, one after the other: a tab begins every further line. */
function logged(log: string): string {
  return log.replaceAll('\n\t', '\n');
}

async function bookkeeping(target: TestTarget): Promise<unknown> {
  const tables = ['checkpoint', 'task', 'file', 'import', 'reject', 'location'];
  const counts = tables.map(
    (name) => `(select count(*)::int from relyt_sys.relyt_loader_${name}) as ${name}`,
  );
  const [row] = await target.database.query(`select ${counts.join(', ')}`);
  return row;
}

describe.each(newestServers())('relyt load --dry-run on $name', (server) => {
  const makeTarget = targetsOn(server);

  test.each([
    { engine: 'postgres', mode: 'update' },
    { engine: 'postgres', mode: 'error' },
    { engine: 'copy', mode: 'nothing' },
  ])(
    '$engine, $mode: shows the very statements that a load then runs',
    async ({ engine, mode }) => {
      const target = await makeTarget('id int primary key, v text');
      await target.load([]);
      const args = ['--engine', engine, '--on-conflict', mode];
      const { scripts, ...shown } = await explanation(target, ...args);
      expect(shown).toMatchObject({ engine, missingMigrations: [], preparation: [] });

      const since = watchLog(server);
      const url = new URL(target.database.url);
      url.search = `?options=${encodeURIComponent('-c log_statement=all')}`;
      const result = await relyt(
        ['load', inputFile('in.csv', CSV), '--table', `public.${target.table}`, ...args],
        { env: { ...environmentOf(target), DATABASE_URL: url.href } },
      );
      expect(result.code).toBe(0);
      const log = logged(since());
      const texts = scripts.fast.map(({ text }) => text);
      expect(texts.length).toBeGreaterThan(8);
      expect(texts.filter((text) => !log.includes(`: ${text}\n`))).toEqual([]);
      expect(await target.rows('id, v')).toEqual([
        { id: 1, v: 'one' },
        { id: 2, v: 'two, and "more"' },
      ]);
    },
  );

  test('an isolation is shown as it then happens (G2)', async () => {
    const target = await makeTarget('id int primary key, v text check (length(v) < 5)');
    await target.load([]);
    const { scripts } = await explanation(target, '--engine', 'copy', '--max-errors', '1');
    const since = watchLog(server);
    const url = new URL(target.database.url);
    url.search = `?options=${encodeURIComponent('-c log_statement=all')}`;
    const result = await relyt(
      [
        'load',
        inputFile('in.csv', CSV),
        '--table',
        target.table,
        '--engine',
        'copy',
        '--max-errors',
        '1',
      ],
      { env: { ...environmentOf(target), DATABASE_URL: url.href } },
    );
    expect(result.code).toBe(3);
    const log = logged(since());
    const unseen = scripts.isolation.filter(({ text }) => !log.includes(`: ${text}\n`));
    expect(unseen).toEqual([]);
  });

  test('a routed table is shown with both of its tables', async () => {
    const target = await makeTarget('id int primary key, group_id int, v text');
    await target.load([]);
    const { table, database } = target;
    await database.query(`create table ${table}_relyt_massive_group (like ${table} including all)`);
    await database.query(
      `create table relyt_sys.${table}_relyt_routing (routing_id text primary key, store_table_name text not null)`,
    );
    await database.query(
      `insert into relyt_sys.${table}_relyt_routing values ('7', '${table}_relyt_massive_group')`,
    );
    const csv = 'id,group_id,v\n1,7,one\n2,8,two\n';
    const args = ['load', inputFile('in.csv', csv), '--table', table];
    const dry = await relytOn(target, ...args, '--dry-run', '--json');
    const { scripts } = JSON.parse(dry.stdout) as ImportExplanation;
    const since = watchLog(server);
    const url = new URL(database.url);
    url.search = `?options=${encodeURIComponent('-c log_statement=all')}`;
    const loaded = await relyt(args, { env: { ...environmentOf(target), DATABASE_URL: url.href } });
    expect(loaded.code).toBe(0);
    const log = logged(since());
    const texts = scripts.fast.map(({ text }) => text);
    expect(texts.filter((text) => text.includes('_relyt_massive_group'))).not.toEqual([]);
    expect(texts.filter((text) => !log.includes(`: ${text}\n`))).toEqual([]);
    expect(await target.rows('id')).toEqual([{ id: 2 }]);
  });

  test('writes nothing: no row, no object, no table', async () => {
    const target = await makeTarget('id int primary key, v text');
    await target.load([]);
    const before = await bookkeeping(target);
    for (const engine of ['postgres', 'copy']) await explanation(target, '--engine', engine);
    expect(await bookkeeping(target)).toEqual(before);
    expect(await target.count()).toBe(0);
    expect(await listKeys(target.prefix)).toEqual([]);
  });

  test('installs nothing, and says what a load would', async () => {
    await using database = await createTestDatabase(server);
    await database.query('create table t (id int primary key, v text)');
    const prefix = uniquePrefix();
    const env = { DATABASE_URL: database.url, ...s3Environment(prefix) };
    const result = await relyt(['load', inputFile('in.csv', CSV), '--table', 't', '--dry-run'], {
      env,
    });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/relyt_sys lacks bookkeeping, .*: a load installs it/);
    const left = `select nspname from pg_namespace where nspname = 'relyt_sys'`;
    expect(await database.query(left)).toEqual([]);
    expect(await listKeys(prefix)).toEqual([]);
  });
});

describe('relyt load --dry-run', () => {
  const makeTarget = targetsOn(defaultServer());

  test('reads like a script, and holds no secret (G7)', async () => {
    const target = await makeTarget('id int primary key, v text');
    await target.load([]);
    const args = ['load', '-', '--table', target.table, '--dry-run', '--compression', 'gzip'];
    const { stdout } = await relyt(args, { env: environmentOf(target), input: CSV });
    expect(stdout.replaceAll(target.prefix, 'PREFIX')).toContain(`
-- schema      relyt_sys is up to date
-- columns     id integer, v text
-- conflicts   on (id) the last record wins
-- records     the first 2 were looked at: all can be loaded
-- staged in   ${`s3://${testStack().s3.bucket} at ${testStack().s3.endpoint}`}
-- keys        PREFIX/yyyy-mm-dd/PROCESS_ID/file-000001-e1-TAG.bin.gz
-- files       at most 100,000 records each, compression gzip
-- layout      binary
-- an import   of at most 10 files

-- An import, here of the first two files: one transaction

begin isolation level read committed;
`);
    expect(stdout).toContain('-- The same, when a key appears twice in its files');
    expect(stdout).toContain('-- The same, when the database refuses a record');
    expect(stdout).toMatch(/\n0\t\S+\t\S+\thttp\S+\/file-000001-e1-\w+\.bin\.gz\?…\n/);
    for (const secret of [secretKey, accessKey, 'X-Amz-Signature'])
      expect(stdout).not.toContain(secret);
  });

  test('names the location that a load would allow first', async () => {
    const target = await makeTarget('id int primary key, v text');
    await target.load([]);
    await target.database.query('delete from relyt_sys.relyt_loader_location');
    const { preparation } = await explanation(target);
    expect(preparation).toEqual([
      {
        text: expect.stringMatching(/^insert into relyt_sys\.relyt_loader_location/),
        values: [expect.stringMatching(new RegExp(`/${target.prefix}/$`))],
      },
    ]);
  });

  test('counts the records that would be rejected', async () => {
    const target = await makeTarget('id int primary key, v text');
    const file = inputFile('in.csv', 'id,v\n1,a\nx,b\n3,c,d\n4,e\n');
    const run = (...args: string[]) =>
      relytOn(target, 'load', file, '--table', target.table, '--dry-run', ...args);
    expect((await run()).stdout).toMatch(
      /the first 4 were looked at: 2 would be rejected, and the load would fail; the first because: /,
    );
    expect((await run('--max-errors', '2')).stdout).toContain(
      '2 would be rejected, as --max-errors allows',
    );
    expect(JSON.parse((await run('--json')).stdout).sample).toMatchObject({
      records: 4,
      refused: 2,
    });
  });

  test('fails as the load would before its first import', async () => {
    const target = await makeTarget('id int primary key, v text not null');
    const run = async (text: string, ...args: string[]) => {
      const file = inputFile('in.csv', text);
      const flags = ['--table', target.table, '--dry-run', '--json', ...args];
      const { code, stdout } = await relytOn(target, 'load', file, ...flags);
      return { exit: code, ...JSON.parse(stdout) };
    };
    expect(await run('id,w\n1,2\n')).toMatchObject({ exit: 1, code: 'COLUMN_UNKNOWN' });
    expect(await run('id\n1\n')).toMatchObject({ exit: 1, code: 'COLUMN_MISSING' });
    expect(await run(CSV, '--resume', 'x')).toMatchObject({ exit: 2, code: 'CONFIG_INVALID' });
    expect(await run(CSV, '--engine', 'greenplum')).toMatchObject({
      exit: 1,
      code: 'ENGINE_UNSUPPORTED',
    });
    expect(await run('id,v\n')).toMatchObject({
      exit: 0,
      ok: true,
      message: expect.stringContaining('no records'),
    });
  });
});
