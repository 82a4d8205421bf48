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

/** Its programs; undefined where the package is not installed. */
export async function binariesOf(
  major: number,
  dataDir: string,
): Promise<PostgresBinaries | undefined> {
  const packageRoot = `${SERVERS}node_modules/postgres-${major}`;
  if (!existsSync(packageRoot)) return undefined;
  return packagedBinaries({ packageRoot, user: await serverUser(dataDir) });
}

/** Where a test makes a difference between versions, it is mostly the one between these two. */
const TWO: readonly number[] = [NEWEST, 15];

/**
 * Those that the tests of a project run on: RELYT_TEST_VERSIONS=12,17 or `all`. Else the suite of all versions takes the
 * oldest and one that the commit decides, so that all have their turn and a failure comes again; the newest has all other
 * suites.
 */
export function majorsOf(project: string): readonly number[] {
  const wanted = process.env.RELYT_TEST_VERSIONS;
  if (wanted === 'all') return [NEWEST, ...olderMajors()];
  if (wanted !== undefined) return wanted.split(',').map(Number);
  if (project !== 'versions') return TWO;
  const [oldest = NEWEST, ...between] = olderMajors();
  const one = between[Number.parseInt(commit().slice(0, 6), 16) % between.length] ?? oldest;
  return [oldest, one];
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: SERVERS, encoding: 'utf8' });
  } catch {
    return '0';
  }
}
