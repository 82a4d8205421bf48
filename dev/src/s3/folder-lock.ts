import { readFileSync } from 'node:fs';
import { mkdir, realpath, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RelytDevError } from '../dev-error.ts';

/**
 * Two servers over one folder would each take the other's uploads for leftovers and remove them.
 * The lock is a file with the process id; a lock whose process is gone counts for nothing.
 */

const LOCK_FILE = 'server.lock';
// Folders locked by this process: its own id in a lock file proves nothing after a restart in a container.
const heldHere = new Set<string>();

/** Locks the folder, which is made if needed. Throws DEV_SERVER_UNAVAILABLE when another server has it. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const path = join(await realpath(folder), LOCK_FILE);
  if (heldHere.has(path)) throw inUse(folder, process.pid);
  heldHere.add(path);
  try {
    await takeLock(path, folder);
  } catch (error) {
    heldHere.delete(path);
    throw error;
  }
  return async () => {
    await unlink(path).catch(() => undefined);
    heldHere.delete(path);
  };
}

async function takeLock(path: string, folder: string): Promise<void> {
  // Twice: again after a stale lock was removed.
  for (const lastTry of [false, true]) {
    try {
      await writeFile(path, processMark(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const mark = readText(path);
    const owner = Number.parseInt(mark, 10);
    const alive = owner > 0 && owner !== process.pid && processMark(owner) === mark;
    if (alive || lastTry) throw inUse(folder, owner);
    await unlink(path).catch(() => undefined);
  }
}

/** Process id and, where /proc tells it, the start time: an id that was given to another process does not own the lock. */
function processMark(pid: number): string {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: there is such a process, of another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return 'gone';
  }
  // Fields after the command, which is in parentheses and may hold spaces; the start time is number 22 of all.
  const afterCommand = readText(`/proc/${pid}/stat`).split(') ').at(-1) ?? '';
  return `${pid} ${afterCommand.split(' ')[19] ?? ''}`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function inUse(folder: string, owner: number): RelytDevError {
  return new RelytDevError(
    'DEV_SERVER_UNAVAILABLE',
    `The S3 data folder ${folder} is used by another server (process ${owner}).`,
    { hint: 'Stop that server, or choose another data folder.' },
  );
}
