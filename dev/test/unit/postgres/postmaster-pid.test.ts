import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  awaitUnused,
  processesIn,
  readPostmasterPid,
} from '../../../src/postgres/postmaster-pid.ts';

const onLinux = test.skipIf(process.platform !== 'linux');

let folder: string;
let pgdata: string;
let lockFile: string;
const children: ChildProcess[] = [];
const SLEEP = '/bin/sleep';

beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'relyt-pid-')));
  pgdata = path.join(folder, 'data');
  mkdirSync(pgdata);
  lockFile = path.join(pgdata, 'postmaster.pid');
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  rmSync(folder, { recursive: true });
});

function writeLock(pid: number, status: string): void {
  writeFileSync(lockFile, `${pid}\n${pgdata}\n1\n54321\n\n127.0.0.1\n  1 2\n${status}\n`);
}

async function startSleeping(program: string, cwd: string): Promise<number> {
  const child = spawn(program, ['60'], { cwd, stdio: 'ignore' });
  children.push(child);
  await once(child, 'spawn');
  return child.pid ?? 0;
}

/** A process that looks like a server: its program is called postgres. */
function fakeServer(cwd: string): Promise<number> {
  const program = path.join(folder, 'postgres');
  copyFileSync(SLEEP, program);
  return startSleeping(program, cwd);
}

test('reads process, port and status as PostgreSQL writes them, padding included', () => {
  writeLock(4711, 'ready   ');
  expect(readPostmasterPid(pgdata)).toEqual({ pid: 4711, port: 54321, status: 'ready' });
});

test('a file at the moment of its creation has no status yet', () => {
  writeFileSync(lockFile, '');
  expect(readPostmasterPid(pgdata)?.status).toBe('');
});

test('without the file nothing is known', () => {
  expect(readPostmasterPid(pgdata)).toBeUndefined();
});

test('the file of a dead server is left to PostgreSQL', async () => {
  const { pid } = spawnSync('true');
  writeLock(pid, 'ready');
  await awaitUnused(pgdata);
  expect(existsSync(lockFile)).toBe(true);
});

onLinux('the file of a dead server whose number a stranger got is removed', async () => {
  // It even stands in the folder, as a shell may.
  writeLock(await startSleeping(SLEEP, pgdata), 'ready');
  await awaitUnused(pgdata);
  expect(existsSync(lockFile)).toBe(false);
});

test('a living server is left alone, and the error says which one and what to do', async () => {
  const pid = await fakeServer(pgdata);
  writeLock(pid, 'ready');
  await expect(awaitUnused(pgdata)).rejects.toMatchObject({
    code: 'DEV_SERVER_UNAVAILABLE',
    message: expect.stringContaining(`process id ${pid} on port 54321`),
    hint: expect.stringContaining(`kill -INT ${pid}`),
  });
  expect(() => process.kill(pid, 0)).not.toThrow();
});

onLinux('what a killed server left running is waited for', async () => {
  const pid = await fakeServer(pgdata);
  expect(processesIn(pgdata)).toEqual([pid]);
  const unused = awaitUnused(pgdata);
  process.kill(pid, 'SIGKILL');
  await unused;
  expect(processesIn(pgdata)).toEqual([]);
});
