/** Which PostgreSQL is started: the packaged one, or else the newest that the system has. */

import { RelytDevError } from '../dev-error.ts';
import {
  type PackagedBinariesOptions,
  packagedBinaries,
  packageName,
  packageVersion,
} from './packaged-binaries.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import {
  DEBIAN_FOLDER,
  newestSystemBinaries,
  OLDEST_MAJOR,
  type SystemBinariesOptions,
} from './system-binaries.ts';

/** @throws RelytDevError DEV_SERVER_UNAVAILABLE when there is none, or the platform cannot run it. */
export async function findBinaries(
  options: PackagedBinariesOptions & SystemBinariesOptions = {},
): Promise<PostgresBinaries> {
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    throw new RelytDevError(
      'DEV_SERVER_UNAVAILABLE',
      `relyt-dev runs PostgreSQL on Linux and macOS, not on ${process.platform}.`,
      { hint: 'Use a PostgreSQL server of your own; on Windows, WSL works.' },
    );
  }
  const found = (await packagedBinaries(options)) ?? (await newestSystemBinaries(options));
  if (found === undefined) throw notFound(options.debianFolder ?? DEBIAN_FOLDER);
  return found;
}

function notFound(debianFolder: string): RelytDevError {
  const name = packageName();
  const version = packageVersion();
  const packaged =
    version === undefined
      ? `there is no npm package ${name}`
      : `the optional package ${name} is not installed`;
  const install = 'install PostgreSQL with the package manager of your system';
  return new RelytDevError(
    'DEV_SERVER_UNAVAILABLE',
    `No PostgreSQL to start: ${packaged}, and neither ${debianFolder}/*/bin nor PATH holds the programs ` +
      `postgres and initdb of version ${OLDEST_MAJOR} or later.`,
    {
      hint:
        version === undefined
          ? `On this platform, ${install}.`
          : `Run \`npm install --save-dev ${name}@${version}\`, or ${install}.`,
    },
  );
}
