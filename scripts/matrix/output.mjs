// Runs a program to its end.

import { spawnSync } from 'node:child_process';

const LONGEST_MS = 300_000;
const LONGEST_OUTPUT = 64 * 1024 * 1024;
/** Of what a failed program said; its reason is at the beginning or at the end. */
const SHOWN = 1500;

/** @returns what it prints; throws what it says when it fails. */
export function output(command, args, { cwd, env, longestMs = LONGEST_MS } = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    encoding: 'utf8',
    timeout: longestMs,
    maxBuffer: LONGEST_OUTPUT,
  });
  if (error !== undefined) throw error;
  if (status === 0) return stdout.trim();
  const said = `${stdout}${stderr}`.trim();
  const shown =
    said.length > 2 * SHOWN ? `${said.slice(0, SHOWN)}\n…\n${said.slice(-SHOWN)}` : said;
  throw new Error(`${[command, ...args].join(' ')} ended with ${status}\n${shown}`);
}
