/**
 * Stops a server when the process that started it is gone, however it went. A handler inside that
 * process could not: nothing runs in it after SIGKILL.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { RelytDevError } from './dev-error.ts';

/** A small shell that waits at the other end of a pipe. */
export interface Watchdog {
  readonly pid: number;
  /** Names the process to stop. Call it in the same turn that started the process. */
  watch(pid: number): void;
  /** Ends the watchdog: its process has ended. Repeated calls are harmless. */
  release(): Promise<void>;
}

// First line: the process to watch. A second line: all is well. End of input without one: the
// parent is dead, and every way of dying closes the pipe. Asks, then insists, then forces.
const SCRIPT = `
read -r server || exit 0
if read -r released; then exit 0; fi
for signal in INT QUIT KILL; do
  kill -"$signal" "$server" 2>/dev/null || exit 0
  left=20
  while [ "$left" -gt 0 ]; do
    sleep 1
    kill -0 "$server" 2>/dev/null || exit 0
    left=$((left - 1))
  done
done
`;

/** Starts a watchdog as `user` (undefined: the current user), which must be allowed to signal the server. */
export async function startWatchdog(
  user: { readonly uid: number; readonly gid: number } | undefined,
): Promise<Watchdog> {
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'relyt-watchdog'], {
    // A session of its own: neither Ctrl-C nor a closing terminal may take it away.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    ...user,
  });
  const ended = once(shell, 'exit');
  ended.catch(() => undefined);
  // It may have been killed; then writing to it fails, and there is nothing to do about that.
  shell.stdin.on('error', () => undefined);
  try {
    await once(shell, 'spawn');
  } catch (cause) {
    throw new RelytDevError(
      'DEV_SERVER_UNAVAILABLE',
      'The shell that watches over the server could not be started.',
      {
        hint: '/bin/sh must exist and be executable.',
        cause,
      },
    );
  }
  shell.unref();
  return {
    pid: shell.pid ?? 0,
    watch: (pid) => void shell.stdin.write(`${pid}\n`),
    release: async () => {
      shell.ref();
      if (!shell.stdin.writableEnded) shell.stdin.end('released\n');
      await ended;
    },
  };
}
