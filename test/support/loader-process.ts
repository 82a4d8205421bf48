/** A loader in a process of its own, which can be killed, stopped and continued. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BulkProcessorConfig } from '../../src/config/load-config.ts';
import type { Progress } from '../../src/events.ts';
import type { FailpointName } from '../../src/failpoints.ts';
import type { RecordShape } from './given-records.mjs';

/** What the process is to do. */
export interface LoaderOrder {
  readonly config: BulkProcessorConfig;
  readonly shape: RecordShape;
  /** Records of one insert(), which gives the number of records so far as its position. */
  readonly batch: number;
  /** A module with `BulkProcessor` and `armFailpoint`, of another version; this one's build by default. */
  readonly loader?: string;
  /** The task to go on with. */
  readonly processId?: string;
  /** Resume again while the task's old process may still be alive. */
  readonly waitForLease?: boolean;
  /** Insert so many records in all, instead of all. */
  readonly until?: number;
  readonly flushEach?: boolean;
  /** Pause after each batch. */
  readonly pauseMs?: number;
  /** Wait, alive, once so many records are inserted, until `release()`. */
  readonly holdAt?: number;
  readonly end?: 'shutdown' | 'suspend';
  /** The signal the process sends itself at the `hit`-th time it comes by. */
  readonly failpoint?: {
    readonly name: FailpointName;
    readonly hit: number;
    readonly signal: 'SIGKILL' | 'SIGSTOP';
  };
  /** What its Date shows: once it has come to `fromPosition`, it is `byMs` ahead. */
  readonly clock?: readonly { readonly fromPosition: number; readonly byMs: number }[];
}

export interface LoaderEvent {
  readonly event:
    | 'opened'
    | 'inserted'
    | 'imported'
    | 'warning'
    | 'failpoint'
    | 'continued'
    | 'done'
    | 'failed';
  readonly processId?: string;
  readonly position?: number;
  readonly date?: string;
  readonly received?: number;
  readonly code?: string;
  readonly message?: string;
  readonly progress?: Progress;
}

const WAKE_AGAIN_MS = 20;
const CHILD = fileURLToPath(new URL('./loader-child.mjs', import.meta.url));

export class LoaderProcess implements AsyncDisposable {
  readonly events: LoaderEvent[] = [];
  /** Resolves with the signal that ended it, if one did; never rejects. */
  readonly ended: Promise<NodeJS.Signals | null>;
  readonly #child: ChildProcess;
  #complaints = '';
  #hasEnded = false;
  #watchers: (() => void)[] = [];

  constructor(order: LoaderOrder) {
    const child = spawn(process.execPath, [CHILD, JSON.stringify(order)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    });
    this.#child = child;
    child.stderr.on('data', (text) => {
      this.#complaints += String(text);
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.events.push(JSON.parse(line) as LoaderEvent);
      this.#changed();
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (_code, signal) => {
        this.#hasEnded = true;
        this.#changed();
        resolve(signal);
      });
    });
  }

  /** Everything that happened, for the message of a failed test. */
  get story(): string {
    const lines = this.events.map((event) => JSON.stringify(event));
    return [...lines, this.#complaints].join('\n');
  }

  /** The last event of this kind, if there was one. */
  last(name: LoaderEvent['event']): LoaderEvent | undefined {
    return this.events.findLast(({ event }) => event === name);
  }

  /** Waits for an event of this kind. @throws when the process ends without */
  async until(
    name: LoaderEvent['event'],
    wanted: (event: LoaderEvent) => boolean = () => true,
  ): Promise<LoaderEvent> {
    for (;;) {
      const found = this.events.find((event) => event.event === name && wanted(event));
      if (found !== undefined) return found;
      if (this.#hasEnded) throw new Error(`it ended without '${name}':\n${this.story}`);
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** Lets a process go on that waits at its `holdAt`. */
  release(): void {
    this.#child.stdin?.end();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Wakes a process that stopped itself at its failpoint. */
  async wake(): Promise<void> {
    const woken = this.until('continued').then(() => true);
    // It says that it is at the failpoint before it stops: the first signal may come too early.
    do this.#child.kill('SIGCONT');
    while (!(await Promise.race([woken, delay(WAKE_AGAIN_MS, false)])));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) this.#child.kill('SIGKILL');
    await this.ended;
  }

  #changed(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }
}
