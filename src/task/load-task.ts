import { setMaxListeners } from 'node:events';
import { asRelytError } from '../core/task-failure.ts';
import type { Reject } from '../database/statements/reject.ts';
import type { RelytError } from '../errors.ts';
import { Condition } from '../importing/condition.ts';
import { refusedRecord } from '../importing/import-failure.ts';
import { ImportRunner } from '../importing/import-runner.ts';
import type { ImportFile } from '../importing/import-transaction.ts';
import { type EndedImport, Importer } from '../importing/importer.ts';
import { Generation, type OpenFile } from './generation.ts';
import type { LoadTaskOptions } from './load-task-options.ts';
import { openStagedFile } from './open-staged-file.ts';
import { PendingFiles } from './pending-files.ts';
import { StagedObjects } from './staged-cleanup.ts';

/** Frozen files that insert() lets pile up, in units of one import. */
const BACKLOG_IMPORTS = 2;
/** Rejected records are kept in memory until their generation is frozen, so they limit its size as well. */
const MAX_REJECTS_PER_GENERATION = 1000;

/**
 * A load from its first record to its last import: lines go into the files of a generation, a full generation
 * is frozen, frozen files make imports. The first failure ends it; what is frozen then stays for a resume.
 */
export class LoadTask {
  readonly #options: LoadTaskOptions;
  readonly #importer: Importer;
  readonly #objects: StagedObjects;
  readonly #changed = new Condition();
  readonly #stop = new AbortController();
  readonly #pending = new PendingFiles();
  readonly #background = new Set<Promise<void>>();
  readonly #maxBacklog: number;
  #generation: Generation;
  #ageTimer: NodeJS.Timeout | undefined;
  /** Generations are frozen in their order, however long the upload of one takes. */
  #lastFreeze: Promise<void> = Promise.resolve();
  #rejectsOfGeneration = 0;
  #position: unknown;
  /** A call that gives a position is under way. */
  #heldOpen = false;
  #closeDue = false;
  #lastFileId: number;
  #failure: RelytError | undefined;

  constructor(options: LoadTaskOptions) {
    this.#options = options;
    const { ports, target, s3, importer, lanes } = options;
    // Every file not yet imported listens; Node takes more than ten listeners for a leak, and warns.
    setMaxListeners(0, this.#stop.signal);
    const { rejects } = options;
    const runner = new ImportRunner(ports, target, { ...s3, rejects, signal: this.#stop.signal });
    this.#objects = new StagedObjects(ports.store, options.ledger, (error) => this.#warn(error));
    this.#lastFileId = options.lastFileId;
    this.#generation = new Generation(options.lastGeneration + 1);
    this.#importer = new Importer(
      runner,
      { ...importer, changed: this.#changed },
      {
        imported: (ended) => this.#imported(ended),
        failed: (files, error) => this.#importFailed(files, error),
      },
    );
    // The open generation must fit as well, or it would wait for itself.
    const open = lanes * options.generationLimits.filesPerLane;
    this.#maxBacklog = BACKLOG_IMPORTS * importer.concurrency * importer.filesPerImport + open;
  }

  get failure(): RelytError | undefined {
    return this.#failure;
  }

  /**
   * Encodes and appends one record. Synchronous, so that concurrent insert() calls interleave by whole records.
   * @throws RelytError RECORD_INVALID, which leaves no trace in a file
   */
  write(record: unknown, ordinal: number): void {
    const { encoder, generationLimits } = this.#options;
    const line = encoder.encode(record, ordinal);
    const { lane } = encoder;
    const file = this.#generation.fileOf(lane) ?? this.#openFile(lane, ordinal);
    this.#generation.append(file, line, ordinal, generationLimits);
    if (this.#generation.full) this.rotate();
  }

  /** A record that is kept as rejected instead: it counts as handed over all the same. */
  reject(reject: Reject): void {
    this.#options.ledger.reject(reject);
    this.#generation.lastOrdinal = reject.ordinal;
    this.#startAge();
    if (++this.#rejectsOfGeneration >= MAX_REJECTS_PER_GENERATION) this.rotate();
  }

  /**
   * No generation is closed until the next position is reached: frozen in the middle of a batch, the first records
   * of the batch would be safe and the position would have them replayed (G1).
   */
  holdOpen(): void {
    this.#heldOpen = true;
  }

  /** Everything handed over so far belongs to this position of the source. */
  reached(position: unknown): void {
    this.#position = position;
    this.#heldOpen = false;
    if (this.#closeDue || this.#generation.full) this.rotate();
    else this.#startAge();
    this.#changed.changed();
  }

  /** Files that an earlier process froze and nobody imported. */
  adopt(files: readonly ImportFile[]): void {
    for (const file of files) {
      this.#pending.add(file);
      this.#lastFileId = Math.max(this.#lastFileId, file.fileId);
    }
    this.#importer.add(files);
  }

  /** True when insert() has to wait: no memory for another part, or imports lag too far behind (G5). */
  get mustWait(): boolean {
    return (
      this.#failure !== undefined || this.#backlogged || this.#generation.blocked !== undefined
    );
  }

  async whenReady(): Promise<void> {
    await this.#changed.until(() => !this.#backlogged || this.#failure !== undefined);
    await this.#generation.blocked?.whenWritable().catch((error) => this.#failBy(error));
    this.throwIfFailed();
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Closes the open generation, now or as soon as it may be; the next record begins a new one. */
  rotate(): void {
    this.#closeDue = this.#heldOpen;
    if (this.#heldOpen) return;
    clearTimeout(this.#ageTimer);
    this.#ageTimer = undefined;
    const closed = this.#generation;
    const position = this.#position;
    if (closed.lastOrdinal === 0 && position === undefined) return;
    this.#generation = new Generation(closed.number + 1);
    this.#rejectsOfGeneration = 0;
    this.#position = undefined;
    this.#lastFreeze = this.#freeze(closed, position, this.#lastFreeze);
    this.#inBackground(this.#lastFreeze);
  }

  /** Resolves when every record handed over before is imported or kept as rejected. */
  async flush(): Promise<void> {
    this.throwIfFailed();
    await this.#changed.until(() => !this.#heldOpen || this.#failure !== undefined);
    this.throwIfFailed();
    this.rotate();
    const last = this.#lastFileId;
    await this.#lastFreeze;
    await this.#changed.until(
      () => this.#failure !== undefined || this.#pending.importedUpTo(last),
    );
    this.throwIfFailed();
    await Promise.all(this.#background);
  }

  /** Ends the task after a failure: nothing new starts, what is under way is cancelled and waited for. */
  fail(error: RelytError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    clearTimeout(this.#ageTimer);
    this.#stop.abort(error);
    this.#options.ledger.hurry();
    this.#changed.changed();
    this.#options.emitter.report('failed', error);
  }

  /** Waits until nothing of this task runs any more. The open generation is dropped: it was never frozen. */
  async settle(): Promise<void> {
    clearTimeout(this.#ageTimer);
    await Promise.allSettled([this.#objects.drop(this.#generation.files), this.#importer.stop()]);
    while (this.#background.size > 0) await Promise.allSettled(this.#background);
    if (this.#failure?.code !== 'LEASE_LOST') return;
    await this.#objects.deleteUnrecorded(this.#pending.keys);
  }

  /** Gives up every staged file that is not imported: the task is aborted for good. */
  async giveUp(reason: string): Promise<void> {
    if (this.#pending.size === 0) return;
    await this.#options.ledger.filesFailed(this.#pending.ids, reason);
  }

  /** Removes what was given up, once the task is over and nobody can take it and need it any more. */
  async discard(): Promise<void> {
    await this.#objects.delete(this.#pending.keys);
  }

  get #backlogged(): boolean {
    return this.#pending.size > this.#maxBacklog;
  }

  #openFile(lane: number, firstOrdinal: number): OpenFile {
    const fileId = ++this.#lastFileId;
    const { number: generation, day } = this.#generation;
    const place = { fileId, generation, day, lane, firstOrdinal };
    const file = openStagedFile(this.#options, place, this.#stop.signal);
    this.#generation.add(file);
    this.#pending.add(file);
    this.#options.tally.filesCreated++;
    this.#startAge();
    return file;
  }

  #startAge(): void {
    this.#ageTimer ??= setTimeout(() => this.rotate(), this.#options.maxAgeMs);
  }

  async #freeze(generation: Generation, position: unknown, previous: Promise<void>): Promise<void> {
    try {
      const files = await generation.finish();
      await previous;
      this.throwIfFailed();
      const { lastOrdinal } = generation;
      const { columns } = this.#options.target;
      await this.#options.ledger.frozen({ files, lastOrdinal, position, columns });
      this.#importer.add(generation.files.map((file) => this.#announce(file)));
    } catch (error) {
      await this.#objects.drop(generation.files);
      await this.#failBy(error);
    }
  }

  async #failBy(error: unknown): Promise<void> {
    this.fail(await this.#options.ledger.explained(asRelytError(error)));
  }

  #announce({ fileId, lane, key, staged, folder }: OpenFile): ImportFile {
    const { records, bytes } = staged;
    this.#options.tally.frozen(bytes);
    this.#options.emitter.report('fileFrozen', { fileId: String(fileId), key, records, bytes });
    return { fileId, lane, key, records, ...(folder === undefined ? {} : { folder }) };
  }

  #imported({ importId, files, counts, refused, seconds }: EndedImport): void {
    this.#pending.imported(files);
    const { tally, ledger, emitter, deleteImported, target } = this.#options;
    tally.imported(files.length, counts);
    ledger.imported();
    for (const { ordinal, ...bad } of refused) {
      const error = refusedRecord({ record: ordinal, ...bad }, target);
      emitter.report('recordRejected', { record: ordinal, error });
    }
    const fileIds = files.map((file) => String(file.fileId));
    emitter.report('imported', { importId, fileIds, counts, seconds });
    if (deleteImported) this.#inBackground(this.#objects.deleteImported(files));
    this.#changed.changed();
  }

  #importFailed(files: readonly ImportFile[], error: unknown): void {
    const failure = asRelytError(error);
    const aborted = this.#stop.signal.aborted;
    this.fail(failure);
    if (aborted || failure.code === 'LEASE_LOST') return;
    const fileIds = files.map((file) => file.fileId);
    this.#inBackground(
      this.#options.ledger
        .filesFailed(fileIds, failure.message)
        .catch((cause) => this.#warn(cause)),
    );
  }

  #warn(error: unknown): void {
    this.#options.emitter.report('warning', asRelytError(error));
  }

  #inBackground(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.#background.delete(tracked));
    this.#background.add(tracked);
  }
}
