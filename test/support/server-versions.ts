/** The versions of PostgreSQL that tests run on, from test/servers/package.json. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PostgresBinaries } from 'relyt-dev';
import { packagedBinaries } from '../../dev/src/postgres/packaged-binaries.ts';
import { serverUser } from '../../dev/src/postgres/server-user.ts';

const SERVERS = fileURLToPath(new URL('../servers/', import.meta.url));
/** The version that relyt-dev brings. */
export const NEWEST = 18;

/** The older ones, the oldest first, installed or not. */
function olderMajors(): readonly number[] {
  const { optionalDependencies } = JSON.parse(readFileSync(`${SERVERS}package.json`, 'utf8')) as {
    optionalDependencies: Readonly<Record<string, string>>;
  };
  return Object.keys(optionalDependencies).map((name) => Number(name.replace('postgres-', '')));
}

const rootOf = (major: number) => `${SERVERS}node_modules/postgres-${major}`;

/** Its programs; undefined where the package is not installed. */
export async function binariesOf(
  major: number,
  dataDir: string,
): Promise<PostgresBinaries | undefined> {
  const packageRoot = rootOf(major);
  if (!existsSync(packageRoot)) return undefined;
  return packagedBinaries({ packageRoot, user: await serverUser(dataDir) });
}

/** Where a test makes a difference between versions, it is mostly the one between these two. */
const TWO: readonly number[] = [NEWEST, 15];

export interface ChosenMajors {
  /** The first one is the server of tests that need only one. */
  readonly majors: readonly number[];
  /** Why these, and how to have them again; for the head of a run. */
  readonly why: string;
}

/**
 * Those that the tests of a project run on: RELYT_TEST_VERSIONS=12,17 or `all`. Else the suite of all versions takes the
 * newest, the oldest and one that the commit decides, so that all have their turn and a failure comes again.
 */
export function majorsOf(project: string): ChosenMajors {
  const wanted = process.env.RELYT_TEST_VERSIONS;
  const asked = `RELYT_TEST_VERSIONS=${wanted}`;
  if (wanted === 'all') return { majors: [NEWEST, ...olderMajors()], why: asked };
  if (wanted !== undefined) return { majors: wanted.split(',').map(Number), why: asked };
  if (project !== 'versions') return { majors: TWO, why: 'the two of every suite' };
  return newestOldestAndOneOf(commit());
}

/** Of those between the oldest and the newest, the first digits of the commit choose one. */
export function newestOldestAndOneOf(hash: string): ChosenMajors {
  const [oldest = NEWEST, ...between] = olderMajors();
  const digits = hash.slice(0, 7);
  const one = between[Number.parseInt(digits, 16) % between.length] ?? oldest;
  const majors = [...new Set([NEWEST, oldest, one])];
  const why = `the newest, the oldest, and the one that commit ${digits} chooses; again by RELYT_TEST_VERSIONS=${majors.join(',')}`;
  return { majors, why };
}

/** Those of them that `make peers` could not install here. */
export function notInstalled(majors: readonly number[]): readonly number[] {
  return majors.filter((major) => major !== NEWEST && !existsSync(rootOf(major)));
}

/** Without a history, as in a copy of the sources, always the same one. */
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: SERVERS, encoding: 'utf8' });
  } catch {
    return '0000000';
  }
}
