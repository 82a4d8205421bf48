import type { Layout } from '../core/layout.ts';
import { asRelytError } from '../core/task-failure.ts';
import type { Reject } from '../database/statements/reject.ts';
import { withTextColumn } from '../records/layout-choice.ts';
import { TextColumnNeededError } from '../records/record-check.ts';
import type { EncodedRow, RecordEncoder } from '../records/record-encoder.ts';
import type { ImportedMark } from './check-committed.ts';
import type { ClosedGenerations } from './closed-generations.ts';
import { Generation, type GenerationLimits } from './generation.ts';
import type { OpenFile } from './open-file.ts';
import type { FilePlace } from './open-staged-file.ts';
import type { OpenTask } from './open-task.ts';
import type { TaskWork } from './task-end.ts';
import type { TaskImports } from './task-imports.ts';

/** Rejected records are kept in memory until their generation is frozen, so they limit its size as well. */
const MAX_REJECTS_PER_GENERATION = 1000;

/** What a load is made of, once its columns are known. */
export interface LoadParts {
  /** Makes the encoder for a layout. */
  readonly encoder: (layout: Layout) => RecordEncoder;
  /** Of the first files. */
  readonly layout: Layout;
  readonly imports: TaskImports;
  readonly closed: ClosedGenerations;
  readonly openFile: (place: FilePlace) => OpenFile;
  readonly generationLimits: GenerationLimits;
  /** Longest time a generation stays open, in milliseconds. */
  readonly maxAgeMs: number;
  /** Most files not yet imported before insert() waits. */
  readonly maxPendingFiles: number;
  /** Whether closed files hold more memory than they should. */
  readonly isOverdrawn: () => boolean;
}

/** A load from its first record on: lines go into the files of a generation, and a full generation is frozen. */
export class LoadTask implements TaskWork {
  readonly #task: OpenTask;
  readonly #parts: LoadParts;
  #encoder: RecordEncoder;
  #generation: Generation;
  #ageTimer: NodeJS.Timeout | undefined;
  #rejectsOfGeneration = 0;
  #lastFileId: number;

  constructor(task: OpenTask, parts: LoadParts) {
    this.#task = task;
    this.#parts = parts;
    this.#encoder = parts.encoder(parts.layout);
    this.#lastFileId = task.last.fileId;
    this.#generation = new Generation(task.last.generation + 1, parts.generationLimits);
  }

  /**
   * Encodes and appends one record. Synchronous, so that concurrent insert() calls interleave by whole records.
   * @throws RelytError RECORD_INVALID, which leaves no trace in a file
   */
  write(record: unknown, ordinal: number, sourceLine?: number): void {
    const row = this.#encoded(record, ordinal);
    const encoder = this.#encoder;
    const generation = this.#generation;
    const file = generation.fileOf(encoder.lane) ?? this.#openFile(encoder.lane, ordinal);
    file.append(row, ordinal, sourceLine, encoder.longFields);
    generation.appended(file, ordinal);
    if (generation.full) this.#rotate();
  }

  /** A value that has no binary form changes the layout: the files open until now are closed as they are. */
  #encoded(record: unknown, ordinal: number): EncodedRow {
    try {
      return this.#encoder.encode(record, ordinal);
    } catch (error) {
      if (!(error instanceof TextColumnNeededError)) throw error;
      this.#rotate();
      this.#encoder = this.#parts.encoder(withTextColumn(this.#encoder.layout, error.column));
      return this.#encoded(record, ordinal);
    }
  }

  /** A record that is kept as rejected instead: it counts as handed over all the same. */
  reject(reject: Reject): void {
    this.#task.ledger.reject(reject);
    this.#generation.lastOrdinal = reject.ordinal;
    this.#startAge();
    if (++this.#rejectsOfGeneration >= MAX_REJECTS_PER_GENERATION) this.#rotate();
  }

  /** A position is stored after a while, even when no record follows it. */
  positionReached(): void {
    this.#startAge();
  }

  /** True when insert() has to wait: no memory for another part, or imports lag too far behind (G5). */
  get mustWait(): boolean {
    return (
      this.#task.end.failure !== undefined ||
      this.#lagsBehind ||
      this.#generation.blocked !== undefined
    );
  }

  async whenReady(): Promise<void> {
    const { end } = this.#task;
    const { changed } = this.#parts.imports;
    await changed.until(() => !this.#lagsBehind || end.failure !== undefined);
    await this.#generation.blocked?.whenWritable().catch((error) => this.#failBy(error));
    end.throwIfFailed();
  }

  /** Resolves when every record handed over before is imported or kept as rejected, to the files it waited for. */
  async flush(): Promise<ImportedMark> {
    const { end } = this.#task;
    const { imports, closed } = this.#parts;
    end.throwIfFailed();
    this.#rotate();
    const last = this.#lastFileId;
    await closed.idle();
    await imports.importedUpTo(last);
    // None of them is left out: a generation that does not come to its end makes the task fail.
    const before = this.#task.last;
    return { upToFile: last, files: before.files + last - before.fileId };
  }

  /** The open generation is dropped: it was never frozen. */
  async settle(): Promise<void> {
    clearTimeout(this.#ageTimer);
    const { imports } = this.#parts;
    await Promise.all([imports.drop(this.#generation.files), imports.stop()]);
    await imports.settle();
  }

  async giveUp(reason: string): Promise<void> {
    await this.#parts.imports.giveUp(reason);
  }

  async discard(): Promise<void> {
    await this.#parts.imports.discard();
  }

  /** Closes the open generation, wherever the source stands; the next record begins a new one. */
  #rotate(): void {
    clearTimeout(this.#ageTimer);
    this.#ageTimer = undefined;
    const closed = this.#generation;
    const source = this.#task.source.closed(closed.lastOrdinal);
    if (source === undefined) return;
    this.#generation = new Generation(closed.number + 1, this.#parts.generationLimits);
    this.#rejectsOfGeneration = 0;
    this.#parts.closed.add(closed, source);
  }

  get #lagsBehind(): boolean {
    const { imports, maxPendingFiles, isOverdrawn } = this.#parts;
    return imports.pendingFiles > maxPendingFiles || isOverdrawn();
  }

  #openFile(lane: number, firstOrdinal: number): OpenFile {
    const fileId = ++this.#lastFileId;
    const { number: generation, day } = this.#generation;
    const { layout } = this.#encoder;
    const file = this.#parts.openFile({ fileId, generation, day, lane, firstOrdinal, layout });
    this.#generation.add(file);
    this.#parts.imports.expect(file);
    this.#task.tally.filesCreated++;
    this.#startAge();
    return file;
  }

  #startAge(): void {
    this.#ageTimer ??= setTimeout(() => this.#rotate(), this.#parts.maxAgeMs);
  }

  async #failBy(error: unknown): Promise<void> {
    const { end, ledger } = this.#task;
    end.fail(await ledger.explained(asRelytError(error)));
  }
}
