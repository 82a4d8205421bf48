/** `postmaster.pid`: how a server says that it has a data directory, and whether it is ready. */

import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RelytDevError } from '../dev-error.ts';

const LOOK_AGAIN_MS = 20;
// A server whose parent was killed this moment is about to be stopped by its watchdog.
const GRACE_MS = 3_000;
// A server that says it is stopping may have much to write first.
const STOPPING_GRACE_MS = 60_000;

interface PostmasterPid {
  readonly pid: number;
  readonly port: number;
  /** As the server writes it: starting, stopping, ready, standby; empty at the very beginning. */
  readonly status: string;
}

export function readPostmasterPid(pgdata: string): PostmasterPid | undefined {
  try {
    const lines = readFileSync(path.join(pgdata, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]), status: (lines[7] ?? '').trim() };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Waits until nothing uses the data directory, and removes what a dead server left.
 *
 * A server that is alive and stays so is never stopped from here: another process may be using it.
 *
 * @throws RelytDevError DEV_SERVER_UNAVAILABLE when it stays in use.
 */
export async function awaitUnused(pgdata: string): Promise<void> {
  const began = Date.now();
  for (;;) {
    const lock = readPostmasterPid(pgdata);
    const living = lock !== undefined && isServer(lock.pid, pgdata);
    // Children outlive a killed postmaster for a moment, and PostgreSQL refuses to start beside them.
    const processes = processesIn(pgdata);
    if (!living && processes.length === 0) {
      // Only when the number was given to another program: PostgreSQL, too, removes a dead one's file,
      // but believes in any process of the same user.
      if (lock !== undefined && isRunning(lock.pid)) rmSync(path.join(pgdata, 'postmaster.pid'));
      return;
    }
    const grace = lock?.status === 'stopping' ? STOPPING_GRACE_MS : GRACE_MS;
    if (Date.now() - began > grace) throw inUse(pgdata, lock, processes);
    await delay(LOOK_AGAIN_MS);
  }
}

/**
 * Every server process that works in the data directory: the postmaster and its children, also
 * those that outlived it. Linux only; elsewhere the list is empty.
 */
export function processesIn(pgdata: string): number[] {
  if (process.platform !== 'linux') return [];
  const folder = realpathSync(pgdata);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => worksIn(pid, folder));
}

function isServer(pid: number, pgdata: string): boolean {
  if (!isRunning(pid)) return false;
  return process.platform !== 'linux' || worksIn(pid, realpathSync(pgdata));
}

// A shell may be in that folder, too: only PostgreSQL's own program counts. A zombie
// has no working directory any more, and another user's process shows none; neither can be a
// server on this directory, which would be our own user's, or we are root and see everything.
function worksIn(pid: number, folder: string): boolean {
  try {
    const program = path.basename(readlinkSync(`/proc/${pid}/exe`));
    return program.startsWith('postgres') && readlinkSync(`/proc/${pid}/cwd`) === folder;
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  // 0 and negative numbers would address groups of processes.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function inUse(
  pgdata: string,
  lock: PostmasterPid | undefined,
  processes: readonly number[],
): RelytDevError {
  const who =
    lock === undefined
      ? `processes ${processes.join(', ')}`
      : `the PostgreSQL server with process id ${lock.pid} on port ${lock.port}`;
  const pid = lock?.pid ?? processes[0];
  return new RelytDevError(
    'DEV_SERVER_UNAVAILABLE',
    `The data directory ${pgdata} is in use by ${who}.`,
    {
      hint: `Stop the program that started it, or, when nothing needs it any more, run \`kill -INT ${pid}\`; or choose another data directory.`,
    },
  );
}
