import { setMaxListeners } from 'node:events';
import {
  type BrokenEnding,
  brokenEnding,
  closed,
  decided,
  discardsImported,
  type Ending,
  type EndState,
  giveUpReason,
  type OrderlyEnding,
  RUNNING,
  storedEnding,
} from '../core/ending.ts';
import { asRelytError, leaseLost } from '../core/task-failure.ts';
import type { Writer } from '../core/writer.ts';
import type { Lease } from '../database/lease.ts';
import { RelytError } from '../errors.ts';
import { lostTask } from '../importing/taken-over.ts';
import { discardImported } from './discard-imported.ts';
import type { LoadPlan } from './plan-load.ts';
import type { SafeEmitter } from './safe-emitter.ts';
import type { TaskLedger } from './task-ledger.ts';

/** What runs for a task, and has to come to rest before its end is stored. */
export interface TaskWork {
  /** Resolves when nothing of it runs any more. Begins at once: nothing new may start. */
  settle(): Promise<void>;
  /** Gives up every staged file that is not imported. */
  giveUp(reason: string): Promise<void>;
  /** Deletes what was given up, once no other process can take the task and need it. */
  discard(): Promise<void>;
}

export interface EndingTask {
  readonly plan: LoadPlan;
  readonly writer: Writer;
  readonly ledger: TaskLedger;
  readonly lease: Lease;
  readonly emitter: SafeEmitter;
}

/**
 * The one place that knows whether a task runs, how it ends and why. The first failure ends the task by itself: its
 * work is stopped, its end stored and its connections closed, even if the caller only catches the error.
 */
export class TaskEnd {
  readonly #task: EndingTask;
  readonly #stop = new AbortController();
  #state: EndState = RUNNING;
  #work: TaskWork | undefined;
  /** Of shutdown() or suspend(). */
  #orderly: Promise<void> | undefined;
  /** Of a task that failed or was aborted. */
  #broken: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #onAbort: (() => void) | undefined;

  constructor(task: EndingTask) {
    this.#task = task;
    // Every file not yet imported listens; Node takes more than ten listeners for a leak, and warns.
    setMaxListeners(0, this.#stop.signal);
    task.lease.whenLost(() => void this.#lost());
  }

  /** Fires with the failure: what is under way is to be cancelled. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get failure(): RelytError | undefined {
    return brokenEnding(this.#state)?.failure;
  }

  get isRunning(): boolean {
    return this.#state.phase === 'running';
  }

  throwIfFailed(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /** @throws RelytError what made the task fail; CLOSED */
  checkRunning(): void {
    this.throwIfFailed();
    if (this.isRunning) return;
    const { processId } = this.#task.plan;
    throw new RelytError('CLOSED', `The task ${processId} was shut down or aborted.`, {
      details: { processId },
    });
  }

  /** What has to come to rest at the end, from now on. */
  settles(work: TaskWork): void {
    this.#work = work;
  }

  /** Ends the task, unless it has ended or failed before. Returns the error with the task's id. */
  fail(error: RelytError): RelytError {
    const failure = asRelytError(error.at({ processId: this.#task.plan.processId }));
    this.#break({ as: 'failed', failure });
    return failure;
  }

  /** Fails, and resolves when all of the task is closed, to what made it fail first. */
  async failed(error: RelytError): Promise<RelytError> {
    const failure = this.fail(error);
    await this.#broken;
    return this.failure ?? failure;
  }

  /** Ends the task after what `flush` imports. The first call decides how; later ones wait for the same end. */
  finish(ending: OrderlyEnding, flush: () => Promise<void>): Promise<void> {
    this.#orderly ??= this.#finish(ending, flush);
    return this.#orderly;
  }

  /**
   * A task that failed stays FAILED, and one that is being ended or has ended is left alone.
   * @param cause why, if it is known: the reason of a signal
   */
  async abort(cause?: unknown): Promise<void> {
    if (this.isRunning) {
      const { processId } = this.#task.plan;
      const failure = new RelytError('ABORTED', `The task ${processId} was aborted.`, {
        details: { processId },
        ...(cause === undefined ? {} : { cause }),
      });
      this.#break({ as: 'aborted', failure: asRelytError(failure) });
    }
    if (this.#broken !== undefined) return this.#broken;
    await this.#orderly?.catch(() => undefined);
  }

  /** Aborts the task when the signal of its configuration fires, or has fired while the task was opened. */
  abortOnSignal(): void {
    const { signal } = this.#task.plan.config;
    this.#onAbort = () => void this.abort(signal?.reason).catch(() => undefined);
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (signal?.aborted) this.#onAbort();
  }

  async #lost(): Promise<void> {
    const { plan, writer } = this.#task;
    const lost = lostTask(plan.database, writer);
    this.fail(await lost.catch(() => leaseLost(plan.processId)));
  }

  #break(ending: BrokenEnding): void {
    const next = decided(this.#state, ending);
    if (next === this.#state) return;
    this.#state = next;
    const { ledger, emitter } = this.#task;
    this.#stop.abort(ending.failure);
    ledger.hurry();
    this.#broken = this.#endBroken(ending).finally(() => this.#close());
    this.#broken.catch(() => undefined);
    // An abort is what the caller wanted.
    if (ending.as === 'failed') emitter.report('failed', ending.failure);
  }

  async #endBroken(ending: BrokenEnding): Promise<void> {
    await this.#work?.settle();
    try {
      await this.#store(ending);
    } catch (error) {
      // The failure is what the caller is told. A task that cannot be marked is taken for dead after its lease.
      if (ending.as === 'aborted') throw error;
    }
  }

  async #finish(ending: OrderlyEnding, flush: () => Promise<void>): Promise<void> {
    try {
      await flush();
      // Aborted in the last moment.
      this.checkRunning();
      this.#state = decided(this.#state, ending);
      await this.#store(ending);
    } catch (error) {
      throw await this.failed(asRelytError(error));
    }
    await this.#close();
  }

  /** Files are given up first and deleted last: a task that can still be resumed never misses one. */
  async #store(ending: Ending): Promise<void> {
    const { plan, ledger, emitter } = this.#task;
    const reason = giveUpReason(ending, plan.config.cleanup);
    const { status, message } = storedEnding(ending);
    if (reason !== undefined) await this.#work?.giveUp(reason);
    const isOrderly = ending.as === 'completed' || ending.as === 'suspended';
    if (isOrderly) await ledger.complete(status, message);
    else await ledger.giveUp(status, message);
    if (reason !== undefined) await this.#work?.discard();
    if (discardsImported(ending, plan.config.cleanup))
      await discardImported(plan, (error) => emitter.report('warning', error));
  }

  #close(): Promise<void> {
    this.#state = closed(this.#state);
    const { plan, lease, emitter } = this.#task;
    if (this.#state.phase !== 'running') emitter.end(this.#state.ending.as);
    if (this.#onAbort !== undefined)
      plan.config.signal?.removeEventListener('abort', this.#onAbort);
    this.#closing ??= lease.stop().then(() => plan.close());
    return this.#closing;
  }
}
