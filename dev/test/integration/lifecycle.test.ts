import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFailed, test, vi } from 'vitest';
import { processesIn } from '../../src/postgres/postmaster-pid.ts';
import { systemBinaries } from '../../src/postgres/system-binaries.ts';
import {
  isAlive,
  ownWatchdogs,
  queryOnce,
  scratchFolder,
  startForTest,
} from '../support/scratch.ts';

const onLinux = test.skipIf(process.platform !== 'linux');
const debian15 = systemBinaries(15);
const versions = [
  { major: 18, binaries: undefined },
  ...(debian15 ? [{ major: 15, binaries: debian15 }] : []),
];

describe.each(versions)('PostgreSQL $major', ({ major, binaries }) => {
  test('starts, stops, and finds its data and its password again', async () => {
    const dataDir = path.join(scratchFolder(), 'data');
    const first = await startForTest({ dataDir, binaries });
    expect(Number.parseInt(first.version, 10)).toBe(major);
    await queryOnce(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);

    const second = await startForTest({ dataDir, binaries });
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
    expect(await queryOnce(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  test('restart keeps the port and takes another process', async () => {
    const server = await startForTest({ dataDir: scratchFolder(), binaries });
    const { pid, url } = server;
    await queryOnce(url, 'CREATE TABLE kept AS SELECT 1');
    await server.restart();
    expect(server.url).toBe(url);
    expect(server.pid).not.toBe(pid);
    expect(await queryOnce(url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 1 }]);
  });

  test('after kill, restart recovers what was committed and nothing else', async () => {
    const dataDir = scratchFolder();
    const server = await startForTest({ dataDir, binaries });
    await queryOnce(server.url, 'CREATE TABLE t AS SELECT 1 AS n');
    const open = new pg.Client({ connectionString: server.url });
    open.on('error', () => undefined);
    await open.connect();
    await open.query('BEGIN');
    await open.query('INSERT INTO t VALUES (2)');
    await server.kill();
    if (process.platform === 'linux') {
      expect(processesIn(path.join(dataDir, 'cluster', 'data'))).toEqual([]);
    }
    await server.restart();
    expect(await queryOnce(server.url, 'SELECT n FROM t')).toEqual([{ n: 1 }]);
    expect(server.log()).toContain('was not properly shut down; automatic recovery in progress');
  });
});

test('kill takes along what the server runs: a statement and the program it waits for', async () => {
  const folder = scratchFolder();
  const server = await startForTest({ dataDir: folder });
  const pidFile = path.join(folder, 'cluster', 'data', 'program.pid');
  // It outlives every wait of this test, so it ends only if it is killed. `exec` keeps its process id.
  const program = `COPY (SELECT 1) TO PROGRAM 'echo $$ >program.pid; cat >/dev/null; exec sleep 600'`;
  const outcome = expect(queryOnce(server.url, program)).rejects.toThrow();
  const running = await vi.waitFor(() => {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(pid).toBeGreaterThan(0);
    return pid;
  }, 60_000);
  onTestFailed(() => {
    if (isAlive(running)) process.kill(running, 'SIGKILL');
  });
  await server.kill();
  await outcome;
  await vi.waitFor(() => expect(isAlive(running)).toBe(false), { timeout: 60_000 });
});

test('a stop that is asked for several times at once stops once', async () => {
  const server = await startForTest({ dataDir: scratchFolder() });
  await Promise.all([server.stop(), server.stop(), server.stop({ mode: 'immediate' })]);
  expect(isAlive(server.pid)).toBe(false);
  await server.stop();
});

test('an immediate stop leaves the rest to recovery', async () => {
  const server = await startForTest({ dataDir: scratchFolder() });
  await server.stop({ mode: 'immediate' });
  expect(server.log()).toContain('received immediate shutdown request');
  await server.restart();
  expect(server.log()).toContain('automatic recovery in progress');
});

test('a fast stop does not wait for a client that holds a transaction open', async () => {
  const server = await startForTest({ dataDir: scratchFolder() });
  const client = new pg.Client({ connectionString: server.url });
  const lost = new Promise((resolve) => client.on('error', resolve));
  await client.connect();
  await client.query('BEGIN');
  await server.stop();
  await lost;
  expect(server.log()).toContain('received fast shutdown request');
});

onLinux('a stopped server leaves no watchdog behind, nor does a killed one', async () => {
  const before = ownWatchdogs();
  const server = await startForTest({ dataDir: scratchFolder() });
  expect(ownWatchdogs()).toHaveLength(before.length + 1);
  await server.kill();
  expect(ownWatchdogs()).toEqual(before);
  await server.restart();
  await server.stop();
  expect(ownWatchdogs()).toEqual(before);
});

test('G7: the password is asked for, and kept where only its owner reads it', async () => {
  const dataDir = scratchFolder();
  const server = await startForTest({ dataDir, password: "it's/secret: ü" });
  const wrong = new URL(server.url);
  wrong.password = 'wrong';
  await expect(queryOnce(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  expect(await queryOnce(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);

  const file = path.join(dataDir, 'cluster', 'credentials.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(existsSync(path.join(dataDir, 'cluster', 'initdb-password'))).toBe(false);
  expect(readFileSync(server.logFile, 'utf8')).not.toContain('secret');
  const rules = await queryOnce(server.url, 'SELECT DISTINCT auth_method FROM pg_hba_file_rules');
  expect(rules).toEqual([{ auth_method: 'scram-sha-256' }]);
});

test('listens on the loopback interface only, without a socket in the file system', async () => {
  const server = await startForTest({
    dataDir: scratchFolder(),
    settings: { listen_addresses: '*', unix_socket_directories: '/tmp' },
  });
  const [row] = await queryOnce(
    server.url,
    `SELECT current_setting('listen_addresses') AS addresses,
            current_setting('unix_socket_directories') AS sockets,
            current_setting('server_encoding') AS encoding,
            (SELECT datcollate FROM pg_database WHERE datname = 'postgres') AS collation`,
  );
  expect(row).toEqual({ addresses: '127.0.0.1', sockets: '', encoding: 'UTF8', collation: 'C' });
});

test('settings reach the server, and its log reaches the listener', async () => {
  const lines: string[] = [];
  const server = await startForTest({
    dataDir: scratchFolder(),
    settings: { work_mem: '12MB', log_statement: 'all' },
    onLog: (line) => lines.push(line),
  });
  expect(await queryOnce(server.url, 'SHOW work_mem')).toEqual([{ work_mem: '12MB' }]);
  await server.stop();
  expect(lines.some((line) => line.includes('statement: SHOW work_mem'))).toBe(true);
  expect(lines.at(-1)).toContain('database system is shut down');
});

test('two servers run side by side', async () => {
  const [one, two] = await Promise.all([
    startForTest({ dataDir: scratchFolder() }),
    startForTest({ dataDir: scratchFolder() }),
  ]);
  expect(one.port).not.toBe(two.port);
  await one.stop();
  expect(await queryOnce(two.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('of two starts on the same new folder at once, one wins and the other is told', async () => {
  const dataDir = path.join(scratchFolder(), 'data');
  const results = await Promise.allSettled([startForTest({ dataDir }), startForTest({ dataDir })]);
  const winners = results.filter((result) => result.status === 'fulfilled');
  const losers = results.filter((result) => result.status === 'rejected');
  expect(winners).toHaveLength(1);
  expect(losers[0]?.reason).toMatchObject({ code: 'DEV_SERVER_UNAVAILABLE' });
  expect(await queryOnce(String(winners[0]?.value.url), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(readdirSync(dataDir).sort()).toEqual(['cluster', 'postgres.log']);
});
