import type { Committed } from '../core/committed.ts';
import type { ConflictMode } from '../core/import-counts.ts';
import type { ReachedPlace } from '../core/source-place.ts';
import type { Writer } from '../core/writer.ts';
import type { Transaction } from '../database/session.ts';
import {
  type FrozenFile,
  type FrozenFiles,
  freezeFiles,
  frozenFiles,
} from '../database/statements/file.ts';
import { insertImportedFiles } from '../database/statements/held-file.ts';
import { insertRejects, type Reject } from '../database/statements/reject.ts';
import { advanceTask } from '../database/statements/task.ts';
import { failpoint } from '../failpoints.ts';
import { lostTask } from '../importing/taken-over.ts';
import type { StagedColumn } from '../target/hold-table.ts';

export interface FrozenGeneration {
  readonly number: number;
  /** Empty when all its records were rejected. */
  readonly files: readonly FrozenFile[];
  /** Every record up to this ordinal is in a frozen file or rejected. */
  readonly lastOrdinal: number;
  /** From where the source is replayed, and what of that is in frozen files. */
  readonly source: ReachedPlace;
  /** The staged columns, in the order of the fields. */
  readonly columns: readonly StagedColumn[];
  /** What imports of the files do with a key that is there already. */
  readonly mode: ConflictMode;
}

export interface RowWriter {
  readonly writer: Writer;
  readonly committed: Committed;
  /** As the database can store it. */
  readonly json: (value: unknown) => unknown;
  /** The rejected records are in the database: they need not be written again. */
  readonly rejectsKept: () => void;
}

/**
 * What a closed generation writes down, all of it in one transaction: its files, the records rejected meanwhile, and how
 * far the source is safe. It goes on from what is committed by then, so generations are written in their order.
 */
export class GenerationRows {
  readonly #by: RowWriter;
  readonly #generation: FrozenGeneration;
  readonly #rejects: readonly Reject[];

  constructor(by: RowWriter, generation: FrozenGeneration, rejects: readonly Reject[]) {
    this.#by = by;
    this.#generation = generation;
    this.#rejects = rejects;
  }

  /** Of files that are complete in S3. */
  async freeze(transaction: Transaction): Promise<void> {
    const { writer } = this.#by;
    const { files } = this.#generation;
    await this.#advance(transaction);
    await transaction.execute(freezeFiles(writer.processId, this.#frozenFiles()));
    const frozen = await transaction.query(frozenFiles(writer.processId, files));
    if (frozen.length !== files.length) throw await lostTask(transaction, writer);
  }

  /** Of files in memory, in the transaction of their import. */
  async freezeImported(
    transaction: Transaction,
    of: { readonly importId: number; readonly attempts: number },
  ): Promise<void> {
    const { processId } = this.#by.writer;
    const { number: generation } = this.#generation;
    await failpoint('before-freeze');
    await this.#advance(transaction);
    const rows = { ...this.#frozenFiles(), ...of, generation };
    await transaction.execute(insertImportedFiles(processId, rows));
  }

  /** From now on the database has to have them. */
  committed(): void {
    const { committed, rejectsKept } = this.#by;
    committed.froze(this.#brought);
    committed.rejected(this.#rejects.length);
    rejectsKept();
  }

  /** First of all, because it holds the epoch: a process that has lost the task writes nothing (G6). */
  async #advance(transaction: Transaction): Promise<void> {
    const { writer, committed, json } = this.#by;
    const { source, columns } = this.#generation;
    const advance = {
      from: committed.counts.frozen,
      to: committed.with(this.#brought),
      imports: committed.newestImports,
      position: json(source.position),
      replayAfter: source.replayAfter,
      columns,
    };
    const held = await transaction.execute(advanceTask(writer, advance));
    if (held !== 1) throw await lostTask(transaction, writer);
    if (this.#rejects.length === 0) return;
    await transaction.execute(insertRejects(writer.processId, this.#rejects));
  }

  get #brought() {
    const { lastOrdinal, files } = this.#generation;
    return { lastOrdinal, files: files.length };
  }

  #frozenFiles(): FrozenFiles {
    const { files, columns, mode, source } = this.#generation;
    const { json } = this.#by;
    const names = columns.map(({ name }) => name);
    const { position, positionOrdinal, filePosition } = source;
    return {
      files,
      columns: names,
      mode,
      source: { position: json(position), positionOrdinal, filePosition: json(filePosition) },
    };
  }
}
