import { asRelytError } from '../core/task-failure.ts';
import type { RelytError } from '../errors.ts';
import type { StagingPlace } from '../staging/staging-place.ts';
import type { OpenFile } from './open-file.ts';
import type { TaskLedger } from './task-ledger.ts';

/** Removes staged files; those in memory go with the task. One that stays behind is accounted for by its row, so failures are only warnings. */
export class StagedCleanup {
  readonly #staging: StagingPlace;
  readonly #ledger: TaskLedger;
  readonly #warn: (error: RelytError) => void;

  constructor(staging: StagingPlace, ledger: TaskLedger, warn: (error: RelytError) => void) {
    this.#staging = staging;
    this.#ledger = ledger;
    this.#warn = warn;
  }

  /** Files that were never completed. */
  async drop(files: readonly OpenFile[]): Promise<void> {
    await Promise.all(files.map((file) => this.#attempt(() => file.abort())));
  }

  /**
   * Another process has the task. Objects completed after it cleaned up are unknown to it; all others are its own
   * business, it may be importing them.
   */
  async deleteForgotten(keys: readonly string[]): Promise<void> {
    if (this.#staging.kind === 'memory') return;
    await this.#attempt(async () => this.delete(await this.#ledger.keysWithoutRow(keys)));
  }

  async delete(keys: readonly string[]): Promise<void> {
    const staging = this.#staging;
    if (staging.kind === 'memory' || keys.length === 0) return;
    await this.#attempt(() => staging.store.deleteObjects(keys));
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) => this.#warn(asRelytError(error)));
  }
}
