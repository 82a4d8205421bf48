/**
 * Whom the server runs as. PostgreSQL refuses to run as root, so a root process hands the server
 * to an unprivileged user that is already there; no user is ever created.
 */

import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { RelytDevError } from '../dev-error.ts';

/** The operating-system user of a server that is not started as the current user. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

// The user `nobody` comes second: another program that runs as it could read the data directory.
const CANDIDATES = ['postgres', 'nobody'];

const run = promisify(execFile);

/**
 * The user to run the server as; undefined means the current user, the answer for every user except root.
 *
 * An existing data directory keeps its owner, so that root can start what an ordinary user made.
 *
 * @throws RelytDevError DEV_SERVER_UNAVAILABLE when root finds no unprivileged user.
 */
export async function serverUser(dataDirectory: string): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(dataDirectory, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of CANDIDATES) {
    const user = await lookUp(name);
    if (user !== undefined) return user;
  }
  throw new RelytDevError(
    'DEV_SERVER_UNAVAILABLE',
    `PostgreSQL does not run as root, and this machine has no user named ${CANDIDATES.join(' or ')}.`,
    { hint: 'Run this program as an ordinary user.' },
  );
}

// `id` instead of /etc/passwd: it also knows directory services and macOS.
async function lookUp(name: string): Promise<ServerUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    const user = { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    return user.uid > 0 && Number.isInteger(user.gid) ? user : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The outermost folder of `target` (or `target` itself) that keeps `user` out, by its permission
 * bits; undefined when the way is free.
 */
export function blockedAt(target: string, user: ServerUser | undefined): string | undefined {
  if (user === undefined) return undefined;
  const absolute = path.resolve(target);
  const steps = absolute.split(path.sep).slice(1);
  let current = path.parse(absolute).root;
  for (const step of ['', ...steps]) {
    current = path.join(current, step);
    const entry = statSync(current, { throwIfNoEntry: false });
    if (entry === undefined) return undefined;
    const execute = entry.uid === user.uid ? 0o100 : entry.gid === user.gid ? 0o010 : 0o001;
    if ((entry.mode & execute) === 0) return current;
  }
  return undefined;
}
