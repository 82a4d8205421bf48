import type { HeldFiles } from '../staging/held-files.ts';
import { type ClosedFile, ClosedGenerations } from './closed-generations.ts';
import type { FrozenGeneration } from './generation-rows.ts';
import type { OpenTask } from './open-task.ts';
import type { TaskImports } from './task-imports.ts';

/**
 * Generations whose files are in memory: each is imported and frozen in one transaction. Nothing of it is durable
 * before, so what a crash leaves is always "every record up to ordinal N is in the table or rejected".
 */
export class HeldGenerations extends ClosedGenerations {
  readonly #held: HeldFiles;

  constructor(task: OpenTask, imports: TaskImports, held: HeldFiles) {
    super(task, imports);
    this.#held = held;
  }

  /** Resolves when it is committed, or the task has failed. */
  protected async bring(generation: FrozenGeneration, files: readonly ClosedFile[]): Promise<void> {
    const { end, ledger } = this.task;
    if (files.length === 0) return ledger.frozen(generation);
    const rows = ledger.rowsOf(generation);
    let isCommitted = false;
    const written = {
      write: rows.freezeImported.bind(rows),
      committed: () => {
        rows.committed();
        for (const { row } of files) this.#committed(row);
        isCommitted = true;
      },
    };
    this.imports.add(files.map((file) => ({ ...this.importFile(file), generation: written })));
    const { changed } = this.imports;
    await changed.until(() => isCommitted || end.failure !== undefined);
  }

  /** Its buffers are free for the records that come. */
  #committed(row: ClosedFile['row']): void {
    this.reportFrozen(row);
    this.#held.release(row.key);
  }
}
