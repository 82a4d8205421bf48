/** Runs PostgreSQL's short programs to their end. */

import { execFile } from 'node:child_process';
import { RelytDevError } from '../dev-error.ts';
import type { ServerUser } from './server-user.ts';

const LAST_LINES = 15;

/**
 * What the server and its helpers see of our environment: little, on purpose. Programs run by the
 * server inherit it, and proxy settings and cloud credentials have no business there.
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
 * @throws RelytDevError DEV_SERVER_UNAVAILABLE with the program's last lines when it fails.
 */
export function runProgram(
  file: string,
  args: readonly string[],
  user: ServerUser | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    // The working directory must be one that the other user can enter; ours might not be.
    const options = { cwd: '/', env: serverEnvironment(), ...user };
    try {
      execFile(file, [...args], options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(programFailed(file, error, `${stdout}${stderr}`));
      });
    } catch (error) {
      // A file that this user cannot execute is thrown at once instead of being reported.
      reject(programFailed(file, error, ''));
    }
  });
}

/** Version of the program `postgres`, such as `18.4`. */
export async function versionOf(postgres: string, user: ServerUser | undefined): Promise<string> {
  // `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`
  const output = await runProgram(postgres, ['--version'], user);
  return /\(PostgreSQL\) (\S+)/.exec(output)?.[1] ?? output.trim();
}

function programFailed(file: string, cause: unknown, output: string): RelytDevError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const lines = output.trim().split('\n').slice(-LAST_LINES).join('\n');
  const reason =
    typeof code === 'string' ? `it could not be run (${code})` : `it failed:\n${lines}`;
  // The cause's message would repeat the command line, which is of no use to a reader.
  return new RelytDevError('DEV_SERVER_UNAVAILABLE', `${file}: ${reason}`, {
    hint: 'The packaged PostgreSQL needs Linux with glibc, or macOS, and the shared libraries that the message names.',
    cause,
  });
}
