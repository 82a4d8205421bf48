import { afterImport, afterSetback, NO_WAIT } from '../core/doubling-wait.ts';
import type { HeldFiles } from '../staging/held-files.ts';
import { type ClosedFile, ClosedGenerations } from './closed-generations.ts';
import type { FrozenGeneration } from './generation-rows.ts';
import { HeldGeneration } from './held-generation.ts';
import type { OpenTask } from './open-task.ts';
import type { TaskImports } from './task-imports.ts';

export interface HeldOptions {
  readonly held: HeldFiles;
  /** Imports at once; more than one only where the database knows which of them waits for which. */
  readonly atOnce: number;
}

/**
 * Generations whose files are in memory: each is imported and frozen in one transaction. Nothing of it is durable
 * before, so what a crash leaves is always "every record up to ordinal N is in the table or rejected".
 */
export class HeldGenerations extends ClosedGenerations {
  readonly #options: HeldOptions;
  /** Of imports that go one by one, because one had to give way: records of two met in the same rows. */
  #alone = NO_WAIT;
  readonly #underWay = new Set<HeldGeneration>();
  #newest: HeldGeneration | undefined;

  constructor(task: OpenTask, imports: TaskImports, options: HeldOptions) {
    super(task, imports);
    this.#options = options;
  }

  override async idle(): Promise<void> {
    await super.idle();
    await this.#untilFewerThan(1);
  }

  /** Resolves when the next one may be imported beside it, or the task has failed. */
  protected async bring(generation: FrozenGeneration, files: readonly ClosedFile[]): Promise<void> {
    const { end, ledger } = this.task;
    if (files.length === 0) {
      await this.#untilFewerThan(1);
      end.throwIfFailed();
      return ledger.frozen(generation);
    }
    const held: HeldGeneration = new HeldGeneration({
      before: this.#newest,
      changed: this.imports.changed,
      end,
      rows: () => ledger.rowsOf(generation),
      onCommitted: () => this.#committed(held, files),
      onGaveWay: () => {
        this.#alone = afterSetback(this.#alone);
      },
    });
    this.#newest = held;
    this.#underWay.add(held);
    this.imports.add(files.map((file) => ({ ...this.importFile(file), generation: held })));
    await this.#untilFewerThan(this.#alone.left > 0 ? 1 : this.#options.atOnce);
  }

  async #untilFewerThan(count: number): Promise<void> {
    const { end } = this.task;
    await this.imports.changed.until(
      () => this.#underWay.size < count || end.failure !== undefined,
    );
  }

  /** Its buffers are free for the records that come. */
  #committed(generation: HeldGeneration, files: readonly ClosedFile[]): void {
    this.#underWay.delete(generation);
    this.#alone = afterImport(this.#alone);
    for (const { row } of files) {
      this.reportFrozen(row);
      this.#options.held.release(row.key);
    }
  }
}
