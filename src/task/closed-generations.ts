import type { ReachedPlace } from '../core/source-place.ts';
import { asRelytError } from '../core/task-failure.ts';
import type { FrozenFile } from '../database/statements/file.ts';
import type { ImportFile } from '../importing/import-file.ts';
import type { Generation } from './generation.ts';
import type { FrozenGeneration } from './generation-rows.ts';
import type { OpenFile } from './open-file.ts';
import type { OpenTask } from './open-task.ts';
import type { TaskImports } from './task-imports.ts';

/** A closed file, as it was written, with the row it gets. */
export interface ClosedFile {
  readonly open: OpenFile;
  readonly row: FrozenFile;
}

/** Takes the generations of a load as they are closed, and brings them to the database in their order. */
export abstract class ClosedGenerations {
  protected readonly task: OpenTask;
  protected readonly imports: TaskImports;
  #newest: Promise<void> = Promise.resolve();

  constructor(task: OpenTask, imports: TaskImports) {
    this.task = task;
    this.imports = imports;
  }

  /** A failure ends the task; nothing is thrown. */
  add(generation: Generation, source: ReachedPlace): void {
    this.#newest = this.#close(generation, source, this.#newest);
    this.imports.background.add(this.#newest);
  }

  /** Resolves when the records of every generation added before are durable, or the task has failed. */
  async idle(): Promise<void> {
    await this.#newest;
  }

  /** One after the other, in their order. */
  protected abstract bring(
    generation: FrozenGeneration,
    files: readonly ClosedFile[],
  ): Promise<void>;

  protected importFile({ open, row }: ClosedFile): ImportFile {
    const { fileId, lane, key, records, layout, stored, ordinalSum, firstOrdinal, gaps } = row;
    const { epoch } = this.task.writer;
    const rowOrdinals = gaps && { first: firstOrdinal, gaps };
    const file = { fileId, lane, key, records, layout, epoch, stored, ordinalSum, rowOrdinals };
    return open.folder === undefined ? file : { ...file, folder: open.folder };
  }

  /** From here on its records are durable. */
  protected reportFrozen({ fileId, key, records, bytes, layout }: FrozenFile): void {
    const { tally, emitter } = this.task;
    tally.frozen(bytes);
    const { format } = layout;
    emitter.report('fileFrozen', { fileId: String(fileId), key, records, bytes, layout: format });
  }

  /** However long the files of one take to be complete, they are brought in the order of the generations. */
  async #close(
    generation: Generation,
    source: ReachedPlace,
    previous: Promise<void>,
  ): Promise<void> {
    const { end, ledger } = this.task;
    try {
      const closed = await generation.finish();
      await previous;
      end.throwIfFailed();
      const { number, lastOrdinal } = generation;
      const { columns, mode } = this.imports.target;
      const files = closed.map(({ row }) => row);
      await this.bring({ number, files, lastOrdinal, source, columns, mode }, closed);
    } catch (error) {
      await this.imports.drop(generation.files);
      end.fail(await ledger.explained(asRelytError(error)));
    }
  }
}
