import type { Database } from '../database/database.ts';
import { refreshCheckpoint } from '../database/statements/task.ts';
import { failpoint } from '../failpoints.ts';

/** The summary may cost at most this share of the time, so that ten thousand files cost no more each than the first. */
const COST_SHARE = 0.02;
const MIN_PAUSE_MS = 1000;

/** The checkpoint row of a task, which sums up its files: refreshed now and then, and when it is asked for. */
export class CheckpointSummary {
  readonly #database: Database;
  readonly #processId: string;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = MIN_PAUSE_MS;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(database: Database, processId: string) {
    this.#database = database;
    this.#processId = processId;
  }

  /** Something it sums up has changed. */
  touch(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // Best effort while running; flush and the end of the task do it again and do report.
      this.#refreshed().catch(() => undefined);
    }, this.#pauseMs);
    this.#timer.unref();
  }

  /** Brings the row up to date now. May be repeated. */
  refresh(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.#refreshed();
  }

  /** One at a time; the pause to the next grows with what this one cost. */
  #refreshed(): Promise<void> {
    const next = this.#refreshing.then(async () => {
      await failpoint('before-summary');
      const started = performance.now();
      await this.#database.execute(refreshCheckpoint(this.#processId));
      const cost = performance.now() - started;
      this.#pauseMs = Math.max(MIN_PAUSE_MS, cost / COST_SHARE);
    });
    this.#refreshing = next.catch(() => undefined);
    return next;
  }
}
