/** Runs one of PostgreSQL's short programs to its end. */

import { execFile } from 'node:child_process';
import { RelytError } from '../../errors.ts';
import type { ServerUser } from './server-user.ts';

const LAST_LINES = 15;

/**
 * What the server and its helpers see of our environment: little, on purpose. Programs run by the
 * server inherit it, and a proxy setting or somebody's cloud credentials have no business there.
 */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, TZ, TMPDIR } = process.env;
  return {
    LC_ALL: 'C',
    PATH: PATH ?? '/usr/bin:/bin',
    ...(TZ === undefined ? {} : { TZ }),
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
  };
}

/**
 * Runs `file` and returns its standard output.
 *
 * @throws RelytError EMBEDDED_UNAVAILABLE with the program's last lines when it fails.
 */
export function runProgram(
  file: string,
  args: readonly string[],
  user: ServerUser | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    // The working directory must be one the other user may stand in; ours may not be.
    const options = { cwd: '/', env: serverEnvironment(), ...user };
    try {
      execFile(file, [...args], options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(programFailed(file, error, `${stdout}${stderr}`));
      });
    } catch (error) {
      // A file this user may not execute is thrown at once instead of being reported.
      reject(programFailed(file, error, ''));
    }
  });
}

function programFailed(file: string, cause: unknown, output: string): RelytError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const lines = output.trim().split('\n').slice(-LAST_LINES).join('\n');
  const reason =
    typeof code === 'string' ? `it could not be run (${code})` : `it failed:\n${lines}`;
  // The cause's message would repeat the command line, which is of no use to a reader.
  return new RelytError('EMBEDDED_UNAVAILABLE', `${file}: ${reason}`, {
    hint: 'The embedded binaries need Linux with glibc, or macOS, and the shared libraries the message names.',
    cause,
  });
}
