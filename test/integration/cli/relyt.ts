/** Runs the command `relyt` as a shell would. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { expect, onTestFinished, vi } from 'vitest';
import { runCli } from '../../../src/cli/cli.ts';
import { BUNDLE, ensureBuilt } from '../../support/build.ts';
import { testStack } from '../../support/stack.ts';
import { capturedTerminal } from '../../unit/cli/captured-terminal.ts';

export interface RelytResult {
  /** Exit code; null when a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RelytOptions {
  /** Variables beside PATH and HOME: nothing of the test's own environment gets through. */
  readonly env?: Readonly<Record<string, string>>;
  /** What stands on standard input; nothing by default. */
  readonly input?: string | Buffer;
}

/** A command that runs. */
export class RunningRelyt {
  readonly child: ChildProcess;
  readonly ended: Promise<RelytResult>;
  #stdout = '';
  #stderr = '';

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    // It may end before it has read all of its input.
    child.stdin?.on('error', () => {});
    this.ended = once(child, 'close').then(([code]) => ({
      code: code as number | null,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves when `text` was printed on stdout; rejects when the process ends before. */
  async printed(text: string, timeout = 60_000): Promise<void> {
    const early = this.ended.then((result) => {
      if (!result.stdout.includes(text)) throw new Error(`ended early: ${JSON.stringify(result)}`);
    });
    const seen = vi.waitFor(() => expect(this.#stdout).toContain(text), { timeout });
    await Promise.race([seen, early]);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }
}

/** Starts it with an open standard input, in a test; it is killed after the test if it still runs. */
export async function startRelyt(
  args: readonly string[],
  options: RelytOptions = {},
): Promise<RunningRelyt> {
  const running = await run(args, options);
  onTestFinished(() => {
    if (running.child.exitCode === null) running.signal('SIGKILL');
  });
  return running;
}

/** True while a command runs in this process, whose environment and standard input it has for itself. */
let isBusy = false;

/**
 * Runs it to its end, in this process: a new one for each of hundreds of commands would take most of the time. One that
 * begins while another one runs gets a process of its own, as all do that `startRelyt` and `relytProcess` start.
 */
export async function relyt(
  args: readonly string[],
  options: RelytOptions = {},
): Promise<RelytResult> {
  if (isBusy) return relytProcess(args, options);
  isBusy = true;
  const giveBack = lendProcess(options);
  try {
    const { terminal, out, err } = capturedTerminal();
    const code = await runCli(args, terminal);
    return { code, stdout: out.text, stderr: err.text };
  } finally {
    giveBack();
    isBusy = false;
  }
}

/** Gives the process the environment and the standard input of a command; returns how to take them back. */
function lendProcess(options: RelytOptions): () => void {
  const { env } = process;
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin');
  process.env = environment(options);
  const value = Readable.from([Buffer.from(options.input ?? '')], { objectMode: false });
  Object.defineProperty(process, 'stdin', { configurable: true, value });
  return () => {
    process.env = env;
    if (stdin !== undefined) Object.defineProperty(process, 'stdin', stdin);
  };
}

/** Runs it to its end, in a process of its own. */
export async function relytProcess(
  args: readonly string[],
  options: RelytOptions = {},
): Promise<RelytResult> {
  const running = await run(args, options);
  running.child.stdin?.end(options.input ?? '');
  return running.ended;
}

function environment({ env }: RelytOptions): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, ...env };
}

async function run(args: readonly string[], options: RelytOptions): Promise<RunningRelyt> {
  await ensureBuilt();
  const main = path.join(BUNDLE, 'cli', 'main.cjs');
  const child = spawn(process.execPath, [main, ...args], {
    env: environment(options),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return new RunningRelyt(child);
}

/** The S3 settings of the test run as variables. */
export function s3Environment(prefix: string): Record<string, string> {
  const { endpoint, bucket, region, accessKey, secretKey } = testStack().s3;
  return {
    RELYT_S3_ENDPOINT: endpoint,
    RELYT_S3_BUCKET: bucket,
    RELYT_S3_REGION: region,
    RELYT_S3_PREFIX: prefix,
    RELYT_S3_ACCESS_KEY: accessKey,
    RELYT_S3_SECRET_KEY: secretKey,
  };
}

/** A file that is gone after the test. */
export function inputFile(name: string, content: string | Buffer): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-input-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}
