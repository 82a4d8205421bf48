/**
 * The files of one server:
 *
 *     <dataDir>/cluster/data              PostgreSQL's own data directory
 *     <dataDir>/cluster/credentials.json  superuser and password, mode 0600
 *     <dataDir>/postgres.log
 *
 * `cluster` appears by one rename, after initdb has finished: it is complete or it is not there.
 */

import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { RelytDevError } from '../dev-error.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { runProgram } from './program.ts';
import { blockedAt, type ServerUser } from './server-user.ts';

export interface Credentials {
  readonly superuser: string;
  readonly password: string;
}

export interface ClusterOptions {
  readonly dataDir: string;
  readonly binaries: PostgresBinaries;
  /** Major version of the binaries. */
  readonly major: number;
  readonly user: ServerUser | undefined;
  readonly superuser: string | undefined;
  readonly password: string | undefined;
  /** Whether the new files must survive a crash of the machine. */
  readonly durable: boolean;
}

const SUPERUSER = 'postgres';

/** PostgreSQL's data directory inside `dataDir`. */
export function pgdataOf(dataDir: string): string {
  return path.join(dataDir, 'cluster', 'data');
}

/**
 * Opens the cluster in `dataDir`, and makes it first when there is none.
 *
 * @throws RelytDevError DEV_OPTION_INVALID for a password that is empty or not one line;
 *   DEV_SERVER_UNAVAILABLE when the folder cannot be used: no way in for the
 *   server's user, another major version, another password than the one asked for, initdb failed.
 */
export async function openCluster(options: ClusterOptions): Promise<Credentials> {
  if (options.password !== undefined && !/^[^\r\n\0]+$/.test(options.password)) {
    throw new RelytDevError(
      'DEV_OPTION_INVALID',
      'The password of PostgreSQL has no or several lines.',
      {
        hint: 'Give it exactly one line of text, or leave it out to have one made up.',
      },
    );
  }
  try {
    openFolder(options.dataDir, options.user);
    if (!existsSync(path.join(options.dataDir, 'cluster'))) await createCluster(options);
    return reuseCluster(options);
  } catch (error) {
    if (error instanceof RelytDevError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new RelytDevError(
      'DEV_SERVER_UNAVAILABLE',
      `The data directory ${options.dataDir} cannot be used: ${reason}.`,
      {
        hint: 'It must be a folder this user may write, made by this user or not there yet.',
        cause: error,
      },
    );
  }
}

function openFolder(dataDir: string, user: ServerUser | undefined): void {
  mkdirSync(dataDir, { recursive: true });
  const blocked = blockedAt(dataDir, user);
  if (blocked === undefined || user === undefined) return;
  // The folder itself is ours to hand over; those above it are not.
  if (blocked === dataDir) chownSync(dataDir, user.uid, user.gid);
  const still = blockedAt(dataDir, user);
  if (still === undefined) return;
  throw new RelytDevError(
    'DEV_SERVER_UNAVAILABLE',
    `PostgreSQL cannot run as root, and user id ${user.uid}, which it runs as instead, cannot enter ${still}.`,
    { hint: `Choose a data directory outside ${still}, or run this program as an ordinary user.` },
  );
}

async function createCluster(options: ClusterOptions): Promise<void> {
  removeLeftovers(options.dataDir);
  const id = `${process.pid}-${randomBytes(4).toString('hex')}`;
  const attempt = path.join(options.dataDir, `cluster.new-${id}`);
  const credentials: Credentials = {
    superuser: options.superuser ?? SUPERUSER,
    password: options.password ?? randomBytes(18).toString('base64url'),
  };
  try {
    mkdirSync(attempt, { mode: 0o700 });
    if (options.user !== undefined) chownSync(attempt, options.user.uid, options.user.gid);
    await initialise(attempt, credentials, options);
    writeFileSync(path.join(attempt, 'credentials.json'), JSON.stringify(credentials), {
      mode: 0o600,
    });
    renameSync(attempt, path.join(options.dataDir, 'cluster'));
  } catch (error) {
    rmSync(attempt, { recursive: true, force: true });
    // Another process was faster; its cluster serves as well as ours.
    if (!existsSync(path.join(options.dataDir, 'cluster'))) throw error;
  }
}

async function initialise(
  folder: string,
  credentials: Credentials,
  options: ClusterOptions,
): Promise<void> {
  const passwordFile = path.join(folder, 'initdb-password');
  writeFileSync(passwordFile, `${credentials.password}\n`, { mode: 0o600 });
  if (options.user !== undefined) chownSync(passwordFile, options.user.uid, options.user.gid);
  await runProgram(
    options.binaries.initdb,
    [
      `--pgdata=${path.join(folder, 'data')}`,
      `--username=${credentials.superuser}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      // An option of PostgreSQL 14.
      ...(options.major >= 14 ? ['--no-instructions'] : []),
      ...(options.durable ? [] : ['--no-sync']),
    ],
    options.user,
  );
  rmSync(passwordFile);
}

// What an initdb left whose parent was killed. The name says whose it was.
function removeLeftovers(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    const pid = Number(/^cluster\.new-(\d+)-/.exec(name)?.[1]);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      process.kill(pid, 0);
    } catch {
      rmSync(path.join(dataDir, name), { recursive: true, force: true });
    }
  }
}

function reuseCluster({ dataDir, major, superuser, password }: ClusterOptions): Credentials {
  const stored = JSON.parse(
    readFileSync(path.join(dataDir, 'cluster', 'credentials.json'), 'utf8'),
  ) as Credentials;
  const version = readFileSync(path.join(pgdataOf(dataDir), 'PG_VERSION'), 'utf8').trim();
  if (Number(version) !== major) {
    throw mismatch(dataDir, `was made by PostgreSQL ${version}, and this is PostgreSQL ${major}`);
  }
  if (superuser !== undefined && superuser !== stored.superuser) {
    throw mismatch(dataDir, `has the superuser "${stored.superuser}", not "${superuser}"`);
  }
  if (password !== undefined && password !== stored.password) {
    throw mismatch(dataDir, 'was made with another password');
  }
  return stored;
}

function mismatch(dataDir: string, what: string): RelytDevError {
  return new RelytDevError('DEV_SERVER_UNAVAILABLE', `The data directory ${dataDir} ${what}.`, {
    hint: 'Choose another data directory, leave the setting out, or remove the folder to start afresh.',
  });
}
