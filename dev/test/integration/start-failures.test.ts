import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startPostgres } from '../../src/postgres/server.ts';
import { systemBinaries } from '../../src/postgres/system-binaries.ts';
import {
  isAlive,
  ownWatchdogs,
  queryOnce,
  scratchFolder,
  startForTest,
} from '../support/scratch.ts';

const asRoot = test.skipIf(process.getuid?.() !== 0);

// G8 throughout: what failed, where, why, and what to do.

test('a wrong setting is reported with the lines the server logged about it', async () => {
  const dataDir = scratchFolder();
  const watchdogs = process.platform === 'linux' ? ownWatchdogs() : [];
  const start = startForTest({ dataDir, settings: { shared_buffers: 'plenty' } });
  await expect(start).rejects.toMatchObject({
    name: 'RelytDevError',
    code: 'DEV_SERVER_UNAVAILABLE',
    message: expect.stringMatching(/postgres\.log:\n.*invalid value.*shared_buffers.*"plenty"/s),
  });
  if (process.platform === 'linux') expect(ownWatchdogs()).toEqual(watchdogs);
});

test('the report of one start holds no line of an earlier one', async () => {
  const dataDir = scratchFolder();
  const server = await startForTest({ dataDir, settings: { log_statement: 'all' } });
  await queryOnce(server.url, "SELECT 'a line of the first run'");
  await server.stop();
  const error = await startForTest({ dataDir, settings: { work_mem: 'x' } }).catch((e: Error) => e);
  expect(error).toMatchObject({ message: expect.stringContaining('work_mem') });
  expect(error).toMatchObject({ message: expect.not.stringContaining('first run') });
});

test('a taken port is named, and the server that has it goes on', async () => {
  const stranger = net.createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void stranger.close());
  await once(stranger, 'listening');
  const { port } = stranger.address() as net.AddressInfo;
  await expect(startForTest({ dataDir: scratchFolder(), port })).rejects.toMatchObject({
    code: 'DEV_SERVER_UNAVAILABLE',
    message: expect.stringContaining(`Port ${port}`),
    hint: expect.stringContaining('another port'),
  });
  expect(stranger.listening).toBe(true);
});

test('a data directory in use is refused, and its server goes on', async () => {
  const dataDir = scratchFolder();
  const first = await startForTest({ dataDir });
  await expect(startForTest({ dataDir })).rejects.toMatchObject({
    code: 'DEV_SERVER_UNAVAILABLE',
    message: expect.stringContaining(`process id ${first.pid} on port ${first.port}`),
  });
  expect(isAlive(first.pid)).toBe(true);
  expect(await queryOnce(first.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('another password or superuser than the one kept is refused without telling it', async () => {
  const dataDir = scratchFolder();
  const server = await startForTest({ dataDir, superuser: 'admin', password: 'kept-password' });
  expect(new URL(server.url).username).toBe('admin');
  await server.stop();
  const other = await startForTest({ dataDir, password: 'other-password' }).catch((e: Error) => e);
  expect(other).toMatchObject({ message: expect.stringContaining('another password') });
  expect(JSON.stringify(other) + String(other)).not.toMatch(/kept-password|other-password/);
  await expect(startForTest({ dataDir, superuser: 'postgres' })).rejects.toMatchObject({
    message: expect.stringContaining('superuser "admin"'),
  });
});

test.skipIf(systemBinaries(15) === undefined)('another major version is refused', async () => {
  const dataDir = scratchFolder();
  const server = await startForTest({ dataDir, binaries: systemBinaries(15) });
  await server.stop();
  await expect(startForTest({ dataDir })).rejects.toMatchObject({
    code: 'DEV_SERVER_UNAVAILABLE',
    message: expect.stringMatching(/PostgreSQL 15.*PostgreSQL 18/),
  });
});

test('a server that takes too long is stopped again', async () => {
  const dataDir = scratchFolder();
  await expect(startForTest({ dataDir, startTimeoutMs: -1 })).rejects.toMatchObject({
    code: 'DEV_SERVER_UNAVAILABLE',
    message: expect.stringContaining('was not ready after -1 ms'),
    hint: expect.stringContaining('startTimeoutMs'),
  });
  const server = await startForTest({ dataDir });
  expect(await queryOnce(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a program that is no PostgreSQL is named with what it said', async () => {
  const folder = scratchFolder();
  const program = path.join(folder, 'postgres');
  writeFileSync(
    program,
    '#!/bin/sh\necho "libfoo.so.1: cannot open shared object file" >&2\nexit 127\n',
  );
  chmodSync(program, 0o755);
  const binaries = { postgres: program, initdb: program };
  await expect(startPostgres({ dataDir: path.join(folder, 'd'), binaries })).rejects.toMatchObject({
    code: 'DEV_SERVER_UNAVAILABLE',
    message: expect.stringContaining('libfoo.so.1'),
  });
});

test('a log that cannot be written is named, and no watchdog waits for a server that never was', async () => {
  const dataDir = scratchFolder();
  mkdirSync(path.join(dataDir, 'postgres.log'));
  const watchdogs = process.platform === 'linux' ? ownWatchdogs() : [];
  await expect(startForTest({ dataDir })).rejects.toMatchObject({
    code: 'DEV_SERVER_UNAVAILABLE',
    message: expect.stringContaining('postgres.log: EISDIR'),
  });
  if (process.platform === 'linux') expect(ownWatchdogs()).toEqual(watchdogs);
});

test.each(['', 'two\nlines'])(
  'a password that is not one line is refused: %j',
  async (password) => {
    const dataDir = path.join(scratchFolder(), 'data');
    await expect(startForTest({ dataDir, password })).rejects.toMatchObject({
      code: 'DEV_OPTION_INVALID',
    });
    expect(existsSync(dataDir)).toBe(false);
  },
);

test('a program that is not there is named', async () => {
  const folder = scratchFolder();
  const missing = path.join(folder, 'missing');
  const binaries = { postgres: missing, initdb: missing };
  await expect(startPostgres({ dataDir: folder, binaries })).rejects.toMatchObject({
    code: 'DEV_SERVER_UNAVAILABLE',
    message: `${missing}: it could not be run (ENOENT)`,
  });
});

asRoot(
  'as root, a folder closed to everybody else is named, and nothing in it is opened',
  async () => {
    const closed = path.join(scratchFolder(), 'closed');
    mkdirSync(closed, { mode: 0o700 });
    await expect(startForTest({ dataDir: path.join(closed, 'data') })).rejects.toMatchObject({
      code: 'DEV_SERVER_UNAVAILABLE',
      message: expect.stringContaining(`cannot enter ${closed}`),
      hint: expect.stringContaining(closed),
    });
  },
);
