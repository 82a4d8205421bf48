/** Throw-away folders and small observations for the tests of the servers. */

import { chmodSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import {
  type PostgresOptions,
  type RunningPostgres,
  startPostgres,
} from '../../src/postgres/server.ts';

/** Server settings that make a start cheap. */
const FAST = { fsync: 'off', full_page_writes: 'off', shared_buffers: '16MB' };

/** A folder other users may pass through, removed after the test. */
export function scratchFolder(): string {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'relyt-dev-')));
  chmodSync(folder, 0o711);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A server that is stopped after the test, if the test has not done so. */
export async function startForTest(options: PostgresOptions): Promise<RunningPostgres> {
  const server = await startPostgres({ ...options, settings: { ...FAST, ...options.settings } });
  onTestFinished(() => server.stop());
  return server;
}

/** Runs one statement on a connection of its own. */
export async function queryOnce(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  // A server that is killed ends the connection with an event as well.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const result = await client.query(text);
    return result.rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

/** Whether the process runs. One that has ended but was not yet collected by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return process.platform !== 'linux' || stateOf(pid) !== 'Z';
}

/** Process ids of the watchdogs that this process started and that still run. Linux only. */
export function ownWatchdogs(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => commandLine(pid).includes('relyt-watchdog') && parentOf(pid) === process.pid);
}

/** Linux only. */
export function processGroupOf(pid: number): number {
  return Number(statusFields(pid)[2]);
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function parentOf(pid: number): number {
  return Number(statusFields(pid)[1]);
}

function stateOf(pid: number): string | undefined {
  return statusFields(pid)[0];
}

// The command name in parentheses may itself hold spaces and parentheses; the fields follow it.
function statusFields(pid: number): string[] {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return status.slice(status.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
