/** One run of the server process: from its start until it has ended. */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startWatchdog, type Watchdog } from '../watchdog.ts';
import { processesIn, readPostmasterPid } from './postmaster-pid.ts';
import { serverEnvironment } from './program.ts';
import type { ServerLog } from './server-log.ts';
import type { ServerUser } from './server-user.ts';
import { couldNotRun, endedEarly, tooSlow } from './start-failure.ts';

export interface PostmasterOptions {
  /** Path of the program `postgres`. */
  readonly program: string;
  readonly pgdata: string;
  readonly port: number;
  readonly host: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly user: ServerUser | undefined;
  readonly log: ServerLog;
  readonly startTimeoutMs: number;
}

/** `fast` ends open transactions and writes everything out; `immediate` leaves that to crash recovery. */
export type StopMode = 'fast' | 'immediate';

const READY_POLL_MS = 10;
const FAST_LIMIT_MS = 30_000;
const IMMEDIATE_LIMIT_MS = 10_000;

export class Postmaster {
  readonly #child: ChildProcess;
  readonly #watchdog: Watchdog;
  readonly #pgdata: string;
  /** Resolves when the process has ended and its watchdog, too; never rejects. */
  readonly ended: Promise<void>;

  private constructor(child: ChildProcess, watchdog: Watchdog, pgdata: string) {
    this.#child = child;
    this.#watchdog = watchdog;
    this.#pgdata = pgdata;
    this.ended = new Promise<void>((resolve) => {
      child.once('exit', resolve);
      child.once('error', () => resolve());
    }).then(() => this.#watchdog.release());
  }

  /**
   * Starts the server and waits until it accepts connections.
   *
   * @throws RelytDevError DEV_SERVER_UNAVAILABLE with the last log lines when it ends before that.
   */
  static async start(options: PostmasterOptions): Promise<Postmaster> {
    const logStart = options.log.size;
    const watchdog = await startWatchdog(options.user);
    let child: ChildProcess;
    try {
      child = spawnServer(options);
    } catch (cause) {
      await watchdog.release();
      throw couldNotRun(options, cause);
    }
    // In the same turn as the spawn, so that no death of ours can come between.
    if (child.pid !== undefined) watchdog.watch(child.pid);
    const postmaster = new Postmaster(child, watchdog, options.pgdata);
    let spawnError: unknown;
    child.once('error', (error) => {
      spawnError = error;
    });
    const deadline = Date.now() + options.startTimeoutMs;
    while (!postmaster.#isReady()) {
      if (postmaster.hasEnded) {
        await postmaster.ended;
        if (spawnError !== undefined) throw couldNotRun(options, spawnError);
        throw await endedEarly(options, logStart);
      }
      if (Date.now() > deadline) {
        await postmaster.stop('immediate');
        throw tooSlow(options, logStart);
      }
      await delay(READY_POLL_MS);
    }
    return postmaster;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }

  /** Stops the server; where the gentle way takes too long, the next harder one follows. */
  async stop(mode: StopMode): Promise<void> {
    if (mode === 'fast' && (await this.#signal('SIGINT', FAST_LIMIT_MS))) return;
    if (await this.#signal('SIGQUIT', IMMEDIATE_LIMIT_MS)) return;
    await this.kill();
  }

  /** SIGKILL for the postmaster and everything it started, as if the power had failed. */
  async kill(): Promise<void> {
    // Stopped first: it must not start another child while the list is made.
    this.#child.kill('SIGSTOP');
    const processes = processesIn(this.#pgdata).filter((pid) => pid !== this.#child.pid);
    this.#child.kill('SIGKILL');
    for (const pid of processes) {
      // A child leads a process group, which the programs it runs belong to; a brand-new one not yet.
      killIfThere(-pid);
      killIfThere(pid);
    }
    await this.ended;
    while (processesIn(this.#pgdata).length > 0) await delay(READY_POLL_MS);
  }

  async #signal(signal: NodeJS.Signals, limitMs: number): Promise<boolean> {
    if (!this.hasEnded) this.#child.kill(signal);
    const timer = new AbortController();
    const limit = delay(limitMs, false, { signal: timer.signal }).catch(() => false);
    const ended = this.ended.then(() => true);
    const result = await Promise.race([ended, limit]);
    timer.abort();
    return result;
  }

  #isReady(): boolean {
    if (this.hasEnded) return false;
    const lock = readPostmasterPid(this.#pgdata);
    return lock !== undefined && lock.pid === this.#child.pid && lock.status === 'ready';
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}

function spawnServer(options: PostmasterOptions): ChildProcess {
  const settings: Record<string, string> = {
    log_line_prefix: '%m [%p] %q%u@%d ',
    ...options.settings,
    // These last: without them the server would be reachable from outside, or not be found.
    port: String(options.port),
    listen_addresses: options.host,
    unix_socket_directories: '',
    logging_collector: 'off',
    log_destination: 'stderr',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const logFile = options.log.open();
  try {
    return spawn(options.program, ['-D', options.pgdata, ...args], {
      // A session of its own: Ctrl-C in the terminal is for us, and we stop the server in order.
      detached: true,
      stdio: ['ignore', logFile, logFile],
      cwd: '/',
      env: serverEnvironment(),
      ...options.user,
    });
  } finally {
    closeSync(logFile);
  }
}
