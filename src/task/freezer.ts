import type { ReachedPlace } from '../core/source-place.ts';
import type { TargetColumn } from '../core/target-table.ts';
import { asRelytError } from '../core/task-failure.ts';
import type { FrozenFile } from '../database/statements/file.ts';
import type { ImportFile } from '../importing/import-file.ts';
import type { ClosedGenerations } from './closed-generations.ts';
import { type Generation, type OpenFile, rowOrdinals } from './generation.ts';
import type { OpenTask } from './open-task.ts';
import type { TaskImports } from './task-imports.ts';

/** Freezes closed generations in their order, however long the upload of one takes, and hands them to the imports. */
export class Freezer implements ClosedGenerations {
  readonly #task: OpenTask;
  readonly #imports: TaskImports;
  readonly #columns: readonly TargetColumn[];
  #newest: Promise<void> = Promise.resolve();

  constructor(task: OpenTask, imports: TaskImports, columns: readonly TargetColumn[]) {
    this.#task = task;
    this.#imports = imports;
    this.#columns = columns;
  }

  add(generation: Generation, source: ReachedPlace): void {
    this.#newest = this.#freeze(generation, source, this.#newest);
    this.#imports.background.add(this.#newest);
  }

  async idle(): Promise<void> {
    await this.#newest;
  }

  async #freeze(
    generation: Generation,
    source: ReachedPlace,
    previous: Promise<void>,
  ): Promise<void> {
    const { end, ledger } = this.#task;
    try {
      const files = await generation.finish();
      await previous;
      end.throwIfFailed();
      const { lastOrdinal } = generation;
      const { mode } = this.#imports;
      await ledger.frozen({ files, lastOrdinal, source, columns: this.#columns, mode });
      this.#imports.add(generation.files.map((file, n) => this.#announced(file, files[n])));
    } catch (error) {
      await this.#imports.drop(generation.files);
      end.fail(await ledger.explained(asRelytError(error)));
    }
  }

  #announced(open: OpenFile, frozen: FrozenFile | undefined): ImportFile {
    const { fileId, lane, key, staged: file, layout, folder } = open;
    const { records, bytes } = file;
    const { tally, emitter } = this.#task;
    tally.frozen(bytes);
    emitter.report('fileFrozen', {
      fileId: String(fileId),
      key,
      records,
      bytes,
      layout: layout.format,
    });
    const staged = {
      fileId,
      lane,
      key,
      records,
      layout,
      epoch: this.#task.writer.epoch,
      stored: frozen?.stored,
      ordinalSum: frozen?.ordinalSum,
      rowOrdinals: rowOrdinals(open),
    };
    return folder === undefined ? staged : { ...staged, folder };
  }
}
