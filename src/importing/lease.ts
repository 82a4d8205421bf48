import type { Database } from '../database/database.ts';
import type { Writer } from '../database/statements/file.ts';
import { heartbeat } from '../database/statements/lease.ts';
import type { RelytError } from '../errors.ts';
import { leaseLost } from './task-ledger.ts';

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
  readonly #onLost: (error: RelytError) => void;
  readonly #timer: NodeJS.Timeout;
  #beating: Promise<void> = Promise.resolve();

  constructor(
    database: Database,
    writer: Writer,
    options: { readonly leaseSeconds: number; readonly onLost: (error: RelytError) => void },
  ) {
    this.#database = database;
    this.#writer = writer;
    this.#onLost = options.onLost;
    const pauseMs = (options.leaseSeconds * 1000) / BEATS_PER_LEASE;
    this.#timer = setInterval(() => {
      this.#beating = this.#beat();
    }, pauseMs);
    this.#timer.unref();
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
    this.#onLost(leaseLost(processId));
  }
}
