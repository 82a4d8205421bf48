import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { RunningCommand } from '../../../dev/test/support/running-command.ts';
import { isAlive, queryOnce, scratchFolder } from '../../../dev/test/support/scratch.ts';
import { ensureBuilt } from '../../support/build.ts';
import { type RunningRelyt, relyt, relytProcess, startRelyt } from './relyt.ts';

interface Ready {
  readonly databaseUrl: string;
  readonly s3: { readonly endpoint: string; readonly bucket: string };
  readonly dataDir: string | null;
}

async function startDev(args: readonly string[] = []): Promise<[RunningRelyt, Ready]> {
  const running = await startRelyt(['dev', '--json', ...args]);
  await running.printed('\n');
  const ready = JSON.parse(running.stdout);
  expect(ready).toMatchObject({ ok: true });
  return [running, ready as Ready];
}

async function postmasterOf(url: string): Promise<number> {
  const [row] = await queryOnce(
    url,
    `select (string_to_array(pg_read_file('postmaster.pid'), chr(10)))[1]::int as pid,
            current_setting('data_directory') as folder`,
  );
  return Number(row?.pid);
}

test('the servers are ready to be loaded into, and gone after SIGINT', async () => {
  const [running, { databaseUrl, dataDir }] = await startDev();
  expect(dataDir).toBe(null);
  await queryOnce(databaseUrl, 'create table people (id int primary key, name text)');
  const load = await relytProcess(['load', '-', '--table', 'people', '--json'], {
    env: { DATABASE_URL: databaseUrl },
    input: 'id,name\n1,Ann\n2,Bea\n',
  });
  expect(load).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(load.stdout)).toMatchObject({ ok: true, imported: 2 });
  expect(await queryOnce(databaseUrl, 'select name from people order by id')).toEqual([
    { name: 'Ann' },
    { name: 'Bea' },
  ]);

  const [setting] = await queryOnce(databaseUrl, 'show data_directory');
  const folder = path.dirname(path.dirname(String(setting?.data_directory)));
  expect(existsSync(folder)).toBe(true);
  const postmaster = await postmasterOf(databaseUrl);
  expect(isAlive(postmaster)).toBe(true);
  running.signal('SIGINT');
  expect(await running.ended).toMatchObject({ code: 0 });
  expect(isAlive(postmaster)).toBe(false);
  expect(existsSync(folder)).toBe(false);
});

test('--data-dir keeps the data, and starting again finds the database prepared', async () => {
  const folder = path.join(scratchFolder(), 'data');
  const [first, { databaseUrl }] = await startDev(['--data-dir', folder]);
  await queryOnce(databaseUrl, 'create table kept (id int)');
  first.signal('SIGTERM');
  expect(await first.ended).toMatchObject({ code: 0 });

  const [second, again] = await startDev(['--data-dir', folder]);
  expect(again.dataDir).toBe(folder);
  const load = await relytProcess(['load', '-', '--table', 'kept'], {
    env: { DATABASE_URL: again.databaseUrl },
    input: 'id\n7\n',
  });
  expect(load).toMatchObject({ code: 0, stderr: '' });
  expect(await queryOnce(again.databaseUrl, 'select id from kept')).toEqual([{ id: 7 }]);
  // Each start may get other ports; the newest location is allowed, too.
  second.signal('SIGINT');
  expect(await second.ended).toMatchObject({ code: 0 });
  expect(readdirSync(folder).length).toBeGreaterThan(0);
});

test('a person is told how to connect, and no S3 secret', async () => {
  const running = await startRelyt(['dev']);
  await running.printed('Ctrl-C stops');
  const url = /export DATABASE_URL='([^']+)'/.exec(running.stdout)?.[1] ?? '';
  const [row] = await queryOnce(url, 'select secret_key from relyt_sys.loader_config()');
  expect(running.stdout).toContain('data: temporary, removed at the end');
  running.signal('SIGINT');
  const { code, stdout, stderr } = await running.ended;
  expect(code).toBe(0);
  expect(String(row?.secret_key).length).toBeGreaterThan(20);
  expect(stdout + stderr).not.toContain(String(row?.secret_key));
  expect(stdout.endsWith('stopped\n')).toBe(true);
});

test('what relyt-dev alone says about preparing the database works', async () => {
  const main = path.join(await ensureBuilt(), '..', 'dev', 'dist', 'command', 'main.js');
  const running = new RunningCommand(process.execPath, [main]);
  await running.printed('Ctrl-C stops');
  const exported = running.stdout.match(/^ {2}export .*$/gm) ?? [];
  const variables = exported.flatMap((line) => [...line.matchAll(/(\w+)='([^']*)'/g)]);
  const env = Object.fromEntries(variables.map(([, name = '', value = '']) => [name, value]));
  const [, init = ''] = /^ {2}npx relyt (init .*)$/m.exec(running.stdout) ?? [];
  expect(await relyt(init.split(' '), { env })).toMatchObject({ code: 0, stderr: '' });

  const { DATABASE_URL = '' } = env;
  await queryOnce(DATABASE_URL, 'create table people (id int primary key, name text)');
  const load = await relytProcess(['load', '-', '--table', 'public.people'], {
    env: { DATABASE_URL },
    input: 'id,name\n1,Ann\n',
  });
  expect(load).toMatchObject({ code: 0, stderr: '' });
  expect(await queryOnce(DATABASE_URL, 'select * from people')).toEqual([{ id: 1, name: 'Ann' }]);
  running.signal('SIGINT');
  expect(await running.ended).toEqual({ code: 0 });
});

test('a port that is taken is an error that says so', async () => {
  const [running, { databaseUrl }] = await startDev();
  const { port } = new URL(databaseUrl);
  const second = await relyt(['dev', '--pg-port', port, '--json']);
  expect(second).toMatchObject({ code: 1, stderr: '' });
  expect(JSON.parse(second.stdout)).toMatchObject({ ok: false, code: 'DEV_SERVER_UNAVAILABLE' });
  expect(await relyt(['dev', '--s3-port', '70000'])).toMatchObject({ code: 2 });
  running.signal('SIGINT');
  expect(await running.ended).toMatchObject({ code: 0 });
});
