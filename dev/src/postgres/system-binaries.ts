/** PostgreSQL's programs as the system's package manager, or a person, installed them. */

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { binariesIn, type PostgresBinaries } from './postgres-binaries.ts';
import { versionOf } from './program.ts';
import { blockedAt, type ServerUser } from './server-user.ts';

/** Debian and its relatives keep the programs of each major version in a folder of its own below this one. */
export const DEBIAN_FOLDER = '/usr/lib/postgresql';
/** Older ones lack an option of `initdb` that is used here, and get no security fixes any more. */
export const OLDEST_MAJOR = 14;

export interface SystemBinariesOptions {
  /** The user who runs them; undefined for the current user. */
  readonly user?: ServerUser | undefined;
  readonly debianFolder?: string | undefined;
}

interface Candidate {
  readonly binaries: PostgresBinaries;
  readonly version: readonly [major: number, minor: number];
}

/** The programs of one major version in the place where Debian puts them; undefined when they are not there. */
export function systemBinaries(major: number): PostgresBinaries | undefined {
  const binaries = binariesIn(path.join(DEBIAN_FOLDER, String(major), 'bin'));
  return areThere(binaries) ? binaries : undefined;
}

/** The programs of the newest version in Debian's place or on PATH; undefined when there are none to use. */
export async function newestSystemBinaries({
  user,
  debianFolder = DEBIAN_FOLDER,
}: SystemBinariesOptions = {}): Promise<PostgresBinaries | undefined> {
  const places = [...debianPlaces(debianFolder), ...placesOnPath()].map(binariesIn);
  const candidates: Candidate[] = [];
  for (const binaries of places) {
    if (!areThere(binaries) || blockedAt(binaries.postgres, user) !== undefined) continue;
    const candidate = await askVersion(binaries, user);
    if (candidate !== undefined) candidates.push(candidate);
  }
  return candidates.toSorted(newestFirst)[0]?.binaries;
}

function debianPlaces(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((major) => path.join(folder, major, 'bin'));
}

// A relative entry means another folder wherever one stands: programs in it are not run.
function placesOnPath(): string[] {
  return (process.env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
}

function areThere({ postgres, initdb }: PostgresBinaries): boolean {
  return existsSync(postgres) && existsSync(initdb);
}

/** Undefined for what does not run, is too old, or is not PostgreSQL. */
async function askVersion(
  binaries: PostgresBinaries,
  user: ServerUser | undefined,
): Promise<Candidate | undefined> {
  const text = await versionOf(binaries.postgres, user).catch(() => '');
  const [, major, minor = '0'] = /^(\d+)(?:\.(\d+))?/.exec(text) ?? [];
  if (major === undefined || Number(major) < OLDEST_MAJOR) return undefined;
  return { binaries, version: [Number(major), Number(minor)] };
}

function newestFirst(a: Candidate, b: Candidate): number {
  return b.version[0] - a.version[0] || b.version[1] - a.version[1];
}
