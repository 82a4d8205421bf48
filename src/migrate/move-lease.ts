import type { Database } from '../database/database.ts';
import { beatMove, type MoveHolder } from '../database/statements/move-row.ts';

/** Beats in one lease: two may fail before it runs out. */
const BEATS_PER_LEASE = 3;

/**
 * Tells other migrations that this one is alive while a transaction of it takes long, or waits for an import. What
 * protects the data is the epoch, which every transaction of a move checks.
 */
export class MoveLease implements AsyncDisposable {
  readonly #timer: NodeJS.Timeout;
  #beating: Promise<unknown> = Promise.resolve();

  constructor(database: Database, holder: MoveHolder, leaseSeconds: number) {
    this.#timer = setInterval(
      () => {
        // A beat that fails is no news: what is wrong with the database, the next transaction meets too.
        this.#beating = database.execute(beatMove(holder)).catch(() => undefined);
      },
      (leaseSeconds * 1000) / BEATS_PER_LEASE,
    );
    this.#timer.unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
  }
}
