// G7: the functions that let a plain role open staged files run with their owner's rights. What they refuse:

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { POSTGRESQL } from '../../../src/core/dialect.ts';
import { Database } from '../../../src/database/database.ts';
import { installSchema } from '../../../src/database/schema/install.ts';
import { createRole, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testStack } from '../../support/stack.ts';

const EXPOSE = `select relyt_sys.relyt_loader_expose('public.target'::regclass, array['line'], false, false)`;

describe.each(testStack().servers.map((server) => [server.name, server] as const))(
  'on %s',
  (_name, server) => {
    let database: TestDatabase;
    let client: pg.Client;
    let allowed: string;
    const requests: string[] = [];
    const conditions: unknown[] = [];
    /** What the next answers are; '1,hello' of the ETag "right" at first. */
    let answer: { status?: number; headers?: Record<string, string> } = {};
    const web = createServer((request, response) => {
      requests.push(request.url ?? '');
      conditions.push(request.headers['if-match']);
      const { status = 200, headers = { etag: '"right"' } } = answer;
      response.writeHead(status, headers).end('1,hello\n');
    });

    beforeAll(async () => {
      await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
      allowed = `http://127.0.0.1:${(web.address() as AddressInfo).port}/bucket/staged/`;
      database = await createTestDatabase(server);
      const role = await createRole(database, 'loader');
      const installer = new Database(
        { connectionString: database.url },
        { connections: 1, applicationName: 'test' },
      );
      await installSchema(installer, {
        engine: 'postgres',
        dialect: POSTGRESQL,
        roles: [role.name],
      });
      await installer.close();
      await database.query('insert into relyt_sys.relyt_loader_location values ($1)', [allowed]);
      await database.query('create table target (line text)');
      client = new pg.Client({ connectionString: role.url });
      await client.connect();
    });
    afterAll(async () => {
      await client.end();
      await database.drop();
      await new Promise((resolve) => web.close(resolve));
    });
    beforeEach(() => {
      requests.length = 0;
      conditions.length = 0;
      answer = {};
    });

    /** Opens these URLs as the loader's own import does, reads them, and rolls back. */
    async function read(...urls: string[]): Promise<unknown[]> {
      await client.query('begin');
      try {
        await client.query('select relyt_sys.relyt_loader_open()');
        await client.query(
          'insert into relyt_loader_url select n, u from unnest($1::text[]) with ordinality as t (u, n)',
          [urls],
        );
        await client.query(EXPOSE);
        return (await client.query('select line from pg_temp.relyt_loader_external')).rows;
      } finally {
        await client.query('rollback');
      }
    }

    test('an allowed location is read', async () => {
      expect(await read(`${allowed}file.csv?X-Amz-Signature=1`)).toEqual([{ line: 'hello' }]);
      expect(requests).toEqual(['/bucket/staged/file.csv?X-Amz-Signature=1']);
    });

    /** Opens these files with what is known of them, reads them, and closes them. */
    async function readWhole(...files: (readonly [url: string, etag: string | null])[]) {
      await client.query('begin');
      try {
        await client.query('select relyt_sys.relyt_loader_open()');
        for (const [n, [url, etag]] of files.entries())
          await client.query('insert into relyt_loader_url values ($1, $2, $3, 8)', [n, url, etag]);
        await client.query(EXPOSE);
        const { rows } = await client.query('select line from pg_temp.relyt_loader_external');
        await client.query('select relyt_sys.relyt_loader_close()');
        return rows;
      } finally {
        await client.query('rollback');
      }
    }

    test('each file is read on its own condition (G2)', async () => {
      const [one, two, three] = ['a', 'b', 'c'].map((name) => `${allowed}${name}?X=1`);
      const files = [
        [`${one}`, '"right"'],
        [`${two}`, null],
        [`${three}`, '"right"'],
      ] as const;
      expect(await readWhole(...files)).toEqual(files.map(() => ({ line: 'hello' })));
      expect(conditions).toEqual(['"right"', undefined, '"right"']);
    });

    test.each([
      ['another ETag', { headers: { etag: '"wrong"' } }],
      ['none', { headers: {} }],
    ])('an answer with %s is refused before the commit (G2)', async (_case, given) => {
      answer = given;
      await expect(readWhole([`${allowed}a`, '"right"'])).rejects.toMatchObject({
        code: 'RL005',
        detail: '0',
      });
    });

    test.each([
      ['a weak ETag', { headers: { etag: 'W/"right"' } }],
      ['one without quotes', { headers: { ETag: 'right' } }],
    ])('%s, as a server in between makes it, is taken', async (_case, given) => {
      answer = given;
      expect(await readWhole([`${allowed}a`, '"right"'])).toEqual([{ line: 'hello' }]);
    });

    test.each([
      ['a redirect', { status: 302, headers: { location: '/elsewhere' } }],
      ['a condition that does not hold', { status: 412 }],
    ])('%s is no data (G2)', async (_case, given) => {
      answer = given;
      await expect(readWhole([`${allowed}a`, '"right"'])).rejects.toMatchObject({ code: '38000' });
      expect(requests).toEqual(['/bucket/staged/a']);
    });

    test.each([
      ['a line end', '"x"\nurl = "file:///etc/passwd"'],
      ['a blank', '"x y"'],
      ['a quote', '"x" "y"'],
      ['a backslash', '"x\\"'],
      ['no quotes', 'x'],
      ['nothing', '""'],
    ])('an ETag with %s cannot become configuration (G7)', async (_case, etag) => {
      await expect(readWhole([`${allowed}a`, etag])).rejects.toMatchObject({ code: '22023' });
      expect(requests).toEqual([]);
    });

    test('no URL stands in the catalogue, and no file stays (G7)', async () => {
      await client.query('begin');
      await client.query('select relyt_sys.relyt_loader_open()');
      await client.query('insert into relyt_loader_url values (0, $1, $2)', [
        `${allowed}a?X-Amz-Signature=1`,
        '"right"',
      ]);
      await client.query(EXPOSE);
      const { rows } = await client.query(
        `select array_to_string(ftoptions, ' ') as options from pg_foreign_table`,
      );
      expect(rows).toEqual([{ options: expect.stringContaining('-K -') }]);
      expect(JSON.stringify(rows)).not.toMatch(/http|Amz/);
      await client.query('select from pg_temp.relyt_loader_external');
      await client.query('select relyt_sys.relyt_loader_close()');
      await client.query('commit');
      const [self] = (await client.query('select pg_backend_pid() as pid')).rows;
      const left = 'select name from pg_ls_tmpdir() where starts_with(name, $1)';
      expect(await database.query(left, [`pgsql_tmp_relyt_${self.pid}_`])).toEqual([]);
    });

    test.each([
      ['another host', () => 'http://localhost.example/bucket/staged/file'],
      ['another port', () => allowed.replace(/:\d+\//, ':1/')],
      ['a neighbour folder', () => allowed.replace('/staged/', '/stagedother/')],
      ['the folder above', () => `${allowed}../secret`],
      ['the folder above, encoded', () => `${allowed}%2e%2e/secret`],
      ['the folder above, half encoded', () => `${allowed}.%2E/secret`],
      ['a single dot', () => `${allowed}./../secret`],
      ['a file of the server', () => 'file:///etc/passwd'],
      ['a user before the host', () => allowed.replace('http://', 'http://x@')],
      ['a command', () => `${allowed}$(touch /tmp/relyt-abuse)`],
      ['backquotes', () => `${allowed}\`id\``],
      ['a quote', () => `${allowed}' --output '/tmp/relyt-abuse`],
      ['a double quote', () => `${allowed}" "`],
      ['a blank and an option', () => `${allowed}x -o /tmp/relyt-abuse`],
      ['a newline', () => `${allowed}x\nurl=file:///etc/passwd`],
      ['a carriage return', () => `${allowed}x\rfile:///etc/passwd`],
      ['a semicolon', () => `${allowed}x;id`],
      ['a pipe', () => `${allowed}x|id`],
      ['a backslash', () => `${allowed}x\\..\\y`],
      ['a glob', () => `${allowed}{a,b}`],
      ['a range', () => `${allowed}[1-9]`],
      ['a tab', () => `${allowed}x\ty`],
      ['a fragment', () => `${allowed}x#y`],
      ['an upper-case scheme', () => allowed.replace('http', 'HTTP')],
    ])('refused: %s', async (_case, url) => {
      await expect(read(`${allowed}fine`, url())).rejects.toMatchObject({
        code: '42501',
        message: expect.stringContaining('S3 location not allowed'),
      });
      expect(requests).toEqual([]);
    });

    test.each([
      ['a table', 'create temp table relyt_loader_url (n int, url text)'],
      ['a view', 'create temp view relyt_loader_url as select 1 as n, $$x$$::text as url'],
    ])('%s of the caller in the place of the function’s own is refused', async (_kind, create) => {
      await client.query('begin');
      await client.query(create);
      await expect(client.query(EXPOSE)).rejects.toMatchObject({ code: '55000' });
      await client.query('rollback');
    });

    test('the order of calls is held, and nothing outlives the transaction', async () => {
      await expect(client.query(EXPOSE)).rejects.toMatchObject({ code: '55000' });
      await client.query('begin');
      await client.query('select relyt_sys.relyt_loader_open()');
      await expect(client.query(EXPOSE)).rejects.toMatchObject({ code: '55000' });
      await client.query('rollback');
      await client.query('begin');
      await client.query('select relyt_sys.relyt_loader_open()');
      await client.query('commit');
      await expect(client.query('select * from relyt_loader_url')).rejects.toMatchObject({
        code: '42P01',
      });
    });

    test('the external table is the function’s, not the caller’s to change', async () => {
      await client.query('begin');
      await client.query('select relyt_sys.relyt_loader_open()');
      await client.query('insert into relyt_loader_url values (1, $1)', [`${allowed}file`]);
      await client.query(EXPOSE);
      await expect(
        client.query(
          `alter foreign table pg_temp.relyt_loader_external options (set program 'cat /etc/passwd')`,
        ),
      ).rejects.toMatchObject({ code: '42501' });
      await client.query('rollback');
    });

    test('operators, functions and tables of the caller do not get in between', async () => {
      await database.query('grant create on schema public to public');
      await client.query(`create function public.quote_literal(text) returns text language sql
        as $$ select '; touch /tmp/relyt-abuse;' $$`);
      await client.query('create table public.pg_class (oid oid)');
      await client.query('set search_path = public, pg_catalog');
      expect(await read(`${allowed}file.csv`)).toEqual([{ line: 'hello' }]);
      await client.query('reset search_path');
      expect(requests).toEqual(['/bucket/staged/file.csv']);
    });

    test('the error of a failed download names no URL', async () => {
      const secret = 'X-Amz-Signature=0123456789abcdef';
      await client.query('begin');
      await client.query('select relyt_sys.relyt_loader_open()');
      const gone = allowed.replace(/:\d+\//, ':1/');
      await database.query(
        'insert into relyt_sys.relyt_loader_location values ($1) on conflict do nothing',
        [gone],
      );
      await client.query('insert into relyt_loader_url values (1, $1)', [`${gone}file?${secret}`]);
      await client.query(EXPOSE);
      // Reading it without the guard of the loader's DO block shows the command: that is why it is there.
      await expect(
        client.query(`do $$ begin
          perform * from pg_temp.relyt_loader_external;
        exception when external_routine_exception then
          raise exception 'download failed' using errcode = '38000';
        end $$`),
      ).rejects.toMatchObject({ code: '38000', message: 'download failed' });
      await client.query('rollback');
    });
  },
);
