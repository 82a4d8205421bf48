import type { Session } from './session.ts';
import type { Statement } from './statement.ts';

/** Beats in one lease: two may fail before it runs out. */
const BEATS_PER_LEASE = 3;

export interface LeaseTerms {
  /** How long after a beat another process may take over. */
  readonly seconds: number;
  /** The sign of life. Touches no row once another process has taken over. */
  readonly beat: Statement;
}

/**
 * The right of this process to continue a task or a move, kept alive by a heartbeat. The epoch in every statement is
 * what protects the data (G6); the heartbeat only tells others that this process lives, and this process early that
 * another one has taken over.
 */
export class Lease {
  readonly #database: Session;
  readonly #beat: Statement;
  readonly #timer: NodeJS.Timeout;
  #isLost = false;
  #isStopped = false;
  #onLost: (() => void) | undefined;
  /** Under way: one that gets no answer holds no other one up. */
  readonly #beats = new Set<Promise<void>>();

  constructor(database: Session, { seconds, beat }: LeaseTerms) {
    this.#database = database;
    this.#beat = beat;
    this.#timer = setInterval(() => this.beatNow(), (seconds * 1000) / BEATS_PER_LEASE);
    this.#timer.unref();
  }

  /** Tells this one listener when another process has taken over; at once when it has already. */
  whenLost(listener: () => void): void {
    this.#onLost = listener;
    if (this.#isLost) listener();
  }

  /** A sign of life, out of turn where others may have missed this process. */
  beatNow(): void {
    if (this.#isStopped) return;
    const beat = this.#showLife();
    this.#beats.add(beat);
    void beat.finally(() => this.#beats.delete(beat));
  }

  /** Resolves when no beat is under way any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await Promise.all(this.#beats);
  }

  /** Ends the lease before its time, so that the next process need not wait for it. */
  async release(statement: Statement): Promise<void> {
    await this.stop();
    await this.#database.execute(statement).catch(() => undefined);
  }

  /** A database that cannot be reached is not a reason to give up: nothing can be committed meanwhile anyway. */
  async #showLife(): Promise<void> {
    const touched = await this.#database.execute(this.#beat).catch(() => undefined);
    if (touched !== 0 || this.#isLost) return;
    clearInterval(this.#timer);
    this.#isStopped = true;
    this.#isLost = true;
    this.#onLost?.();
  }
}
