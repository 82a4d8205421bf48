import type { ImportCounts } from '../core/import-counts.ts';
import type { Progress } from '../events.ts';

/** Running counts of a task, for progress(). */
export class TaskTally {
  received: number;
  rejected: number;
  filesCreated = 0;
  #filesFrozen = 0;
  #filesImported = 0;
  #encodedBytes = 0;
  #imported = 0;
  readonly #rows = { inserted: 0, updated: 0, skipped: 0, superseded: 0, rejected: 0 };
  readonly #started = performance.now();

  /** A resumed task goes on counting where it was. */
  constructor(
    before: { readonly received: number; readonly rejected: number } = { received: 0, rejected: 0 },
  ) {
    this.received = before.received;
    this.rejected = before.rejected;
  }

  frozen(bytes: number): void {
    this.#filesFrozen++;
    this.#encodedBytes += bytes;
  }

  imported(files: number, counts: ImportCounts): void {
    this.#filesImported += files;
    this.#imported += counts.records;
    this.#rows.inserted += counts.inserted;
    this.#rows.updated += counts.updated;
    this.#rows.skipped += counts.skipped;
    this.#rows.superseded += counts.superseded;
    this.#rows.rejected += counts.rejected;
    this.rejected += counts.rejected;
  }

  get progress(): Progress {
    return {
      received: this.received,
      rejected: this.rejected,
      imported: this.#imported,
      encodedBytes: this.#encodedBytes,
      filesCreated: this.filesCreated,
      filesFrozen: this.#filesFrozen,
      filesImported: this.#filesImported,
      rows: { ...this.#rows },
      elapsedSeconds: (performance.now() - this.#started) / 1000,
    };
  }
}
