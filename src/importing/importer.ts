import type { Condition } from './condition.ts';
import type { ImportResult } from './import-attempt.ts';
import type { ImportFile } from './import-file.ts';
import { ImportQueue } from './import-queue.ts';
import type { ImportRunner } from './import-runner.ts';

export interface ImporterOptions {
  /** Imports at once. */
  readonly concurrency: number;
  readonly filesPerImport: number;
  /** Files of a lane go in the order of their creation, one import of a lane at a time (G3). */
  readonly ordered: boolean;
  /** Imports are numbered on from here. */
  readonly lastImportId: number;
  readonly changed: Condition;
}

/** A committed import. */
export interface EndedImport extends ImportResult {
  readonly importId: number;
  readonly files: readonly ImportFile[];
  readonly seconds: number;
}

export interface ImporterListener {
  imported(ended: EndedImport): void;
  failed(files: readonly ImportFile[], error: unknown): void;
}

/** Starts imports of frozen files as slots become free. Has no loop to stop: every change pumps it. */
export class Importer {
  readonly #queue: ImportQueue<ImportFile>;
  readonly #runner: ImportRunner;
  readonly #options: ImporterOptions;
  readonly #listener: ImporterListener;
  readonly #running = new Set<Promise<void>>();
  #lastImportId: number;
  #stopped = false;

  constructor(runner: ImportRunner, options: ImporterOptions, listener: ImporterListener) {
    this.#queue = new ImportQueue({ ordered: options.ordered });
    this.#runner = runner;
    this.#lastImportId = options.lastImportId;
    this.#options = options;
    this.#listener = listener;
  }

  /** Of the newest import that was begun. */
  get lastImportId(): number {
    return this.#lastImportId;
  }

  /** Frozen files, in the order they were frozen. */
  add(files: readonly ImportFile[]): void {
    for (const file of files) this.#queue.add(file);
    this.#pump();
  }

  /** Starts nothing more; resolves when the imports under way have ended, one way or the other. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  #pump(): void {
    const { concurrency, filesPerImport } = this.#options;
    while (!this.#stopped && this.#running.size < concurrency) {
      const files = this.#queue.take(filesPerImport, concurrency - this.#running.size);
      if (files === undefined) return;
      const running: Promise<void> = this.#import(files).finally(() => {
        this.#running.delete(running);
        this.#queue.finished(files);
        this.#pump();
        this.#options.changed.changed();
      });
      this.#running.add(running);
    }
  }

  async #import(files: readonly ImportFile[]): Promise<void> {
    const importId = ++this.#lastImportId;
    const started = performance.now();
    try {
      const result = await this.#runner.run(importId, files);
      const seconds = (performance.now() - started) / 1000;
      this.#listener.imported({ ...result, importId, files, seconds });
    } catch (error) {
      this.#stopped = true;
      this.#listener.failed(files, error);
    }
  }
}
