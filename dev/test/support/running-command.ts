/** Runs the command `relyt-dev` in a process group of its own, as a shell would. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, vi } from 'vitest';

export interface Ready {
  readonly databaseUrl: string;
  readonly postgresVersion: string;
  readonly s3: {
    readonly endpoint: string;
    readonly bucket: string;
    readonly region: string;
    readonly accessKey: string;
    readonly secretKey: string;
  };
  readonly dataDir: string | null;
}

export class RunningCommand {
  readonly ended: Promise<{ readonly code: number | null }>;
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;

  /** It is killed after the test if it still runs. */
  constructor(program: string, args: readonly string[], cwd?: string) {
    const { PATH = '', HOME = '', TMPDIR } = process.env;
    this.#child = spawn(program, [...args], {
      ...(cwd === undefined ? {} : { cwd }),
      detached: true,
      env: { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = once(this.#child, 'close').then(([code]) => ({ code: code as number | null }));
    onTestFinished(() => {
      if (this.#child.exitCode === null && this.#child.signalCode === null) this.signal('SIGKILL');
    });
  }

  /** What it says with `--json` when both servers are ready. */
  async ready(): Promise<Ready> {
    await this.printed('\n');
    const ready = JSON.parse(this.stdout);
    expect(ready).toMatchObject({ ok: true });
    return ready as Ready;
  }

  /** Resolves when `text` was printed on stdout; rejects when the process ends before. */
  async printed(text: string): Promise<void> {
    const early = this.ended.then(({ code }) => {
      if (!this.stdout.includes(text)) throw new Error(`ended with ${code}: ${this.stderr}`);
    });
    const seen = vi.waitFor(() => expect(this.stdout).toContain(text), 60_000);
    await Promise.race([seen, early]);
  }

  /** To the whole group, as a terminal does at Ctrl-C. */
  signal(name: NodeJS.Signals): void {
    process.kill(-(this.#child.pid ?? 0), name);
  }
}
