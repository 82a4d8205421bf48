import { leaseLost } from '../core/task-failure.ts';
import type { Database } from '../database/database.ts';
import type { Writer } from '../database/statements/file.ts';
import { heartbeat } from '../database/statements/lease.ts';
import type { RelytError } from '../errors.ts';

/** Beats in one lease: two may fail before it runs out. */
const BEATS_PER_LEASE = 3;

/**
 * The right of this process to write its task, kept alive by a heartbeat. The epoch in every statement is what
 * protects the data (G6); the heartbeat only tells others that somebody is alive, and this process early that
 * it was taken over.
 */
export class Lease {
  readonly #database: Database;
  readonly #writer: Writer;
  readonly #timer: NodeJS.Timeout;
  #lost: RelytError | undefined;
  #onLost: ((error: RelytError) => void) | undefined;
  #beating: Promise<void> = Promise.resolve();

  /** @param leaseSeconds How long after a beat somebody may take the task over. */
  constructor(database: Database, writer: Writer, leaseSeconds: number) {
    this.#database = database;
    this.#writer = writer;
    const pauseMs = (leaseSeconds * 1000) / BEATS_PER_LEASE;
    this.#timer = setInterval(() => {
      this.#beating = this.#beat();
    }, pauseMs);
    this.#timer.unref();
  }

  /** Tells `listener`, and nobody else any more, when the lease is lost; at once when it is already. */
  whenLost(listener: (error: RelytError) => void): void {
    this.#onLost = listener;
    if (this.#lost !== undefined) listener(this.#lost);
  }

  /** Resolves when no beat is under way any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
  }

  /** A database that cannot be reached is no reason to give up: nothing can be committed meanwhile anyway. */
  async #beat(): Promise<void> {
    const { processId, epoch } = this.#writer;
    const touched = await this.#database
      .execute(heartbeat(processId, epoch))
      .catch(() => undefined);
    if (touched !== 0) return;
    clearInterval(this.#timer);
    this.#lost = leaseLost(processId);
    this.#onLost?.(this.#lost);
  }
}
