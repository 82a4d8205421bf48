import type { ReachedPlace } from '../core/source-place.ts';
import type { TargetColumn } from '../core/target-table.ts';
import { asRelytError } from '../core/task-failure.ts';
import type { ImportFile } from '../importing/import-file.ts';
import type { HeldFiles } from '../staging/held-files.ts';
import type { ClosedGenerations } from './closed-generations.ts';
import { type Generation, type OpenFile, ordinalSum, rowOrdinals } from './generation.ts';
import type { HeldGeneration } from './generation-rows.ts';
import type { OpenTask } from './open-task.ts';
import type { TaskImports } from './task-imports.ts';

/**
 * Generations whose files are in memory: each is imported and frozen in one transaction. Nothing of it is durable
 * before, so what a crash leaves is always "every record up to ordinal N is in the table or rejected".
 */
export class HeldGenerations implements ClosedGenerations {
  readonly #task: OpenTask;
  readonly #imports: TaskImports;
  readonly #held: HeldFiles;
  readonly #columns: readonly TargetColumn[];
  #newest: Promise<void> = Promise.resolve();

  constructor(
    task: OpenTask,
    imports: TaskImports,
    { held, columns }: { readonly held: HeldFiles; readonly columns: readonly TargetColumn[] },
  ) {
    this.#task = task;
    this.#imports = imports;
    this.#held = held;
    this.#columns = columns;
  }

  add(generation: Generation, source: ReachedPlace): void {
    this.#newest = this.#bring(generation, source, this.#newest);
    this.#imports.background.add(this.#newest);
  }

  async idle(): Promise<void> {
    await this.#newest;
  }

  async #bring(
    generation: Generation,
    source: ReachedPlace,
    previous: Promise<void>,
  ): Promise<void> {
    const { end, ledger } = this.#task;
    try {
      const finished = await generation.finish();
      await previous;
      end.throwIfFailed();
      const { lastOrdinal, number } = generation;
      const { mode } = this.#imports;
      const files = generation.files.flatMap(({ lane, key }, n) => {
        const file = finished[n];
        return file === undefined ? [] : [{ ...file, lane, key }];
      });
      const closed = { number, files, lastOrdinal, source, columns: this.#columns, mode };
      if (files.length === 0) await ledger.frozen(closed);
      else await this.#import(generation, closed);
    } catch (error) {
      await this.#imports.drop(generation.files);
      end.fail(await ledger.explained(asRelytError(error)));
    }
  }

  /** Resolves when it is committed, or the task has failed. */
  async #import(generation: Generation, closed: HeldGeneration): Promise<void> {
    const { end, ledger } = this.#task;
    const rows = ledger.rowsOf(closed);
    let isCommitted = false;
    const written = {
      write: rows.freezeImported.bind(rows, closed),
      committed: () => {
        rows.committed();
        for (const file of generation.files) this.#committed(file);
        isCommitted = true;
      },
    };
    this.#imports.add(
      generation.files.map((file) => ({ ...this.#announced(file), generation: written })),
    );
    const { changed } = this.#imports;
    await changed.until(() => isCommitted || end.failure !== undefined);
  }

  #announced(file: OpenFile): ImportFile {
    const { fileId, lane, key, staged, layout } = file;
    const { records } = staged;
    const { epoch } = this.#task.writer;
    const ordinals = { ordinalSum: ordinalSum(file), rowOrdinals: rowOrdinals(file) };
    return { fileId, lane, key, records, layout, epoch, ...ordinals };
  }

  /** Its buffers are free for the records that come. */
  #committed({ fileId, key, staged, layout }: OpenFile): void {
    const { tally, emitter } = this.#task;
    const { records, bytes } = staged;
    tally.frozen(bytes);
    const { format } = layout;
    emitter.report('fileFrozen', { fileId: String(fileId), key, records, bytes, layout: format });
    this.#held.release(key);
  }
}
