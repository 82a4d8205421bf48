import { stagedObjectKey } from '../core/object-key.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import { RelytError } from '../errors.ts';
import type { SafeEmitter } from '../events.ts';
import type { RecordEncoder } from '../records/encoder.ts';
import type { PartPool } from '../staging/part-pool.ts';
import { StagedFile } from '../staging/staged-file.ts';
import { Condition } from './condition.ts';
import { ImportRunner } from './import-runner.ts';
import type { ImportFile, ImportPorts, ImportTarget } from './import-transaction.ts';
import { Importer, type ImporterOptions } from './importer.ts';
import { type LaneLimits, LaneWriter, type OpenFile } from './lane-writer.ts';
import type { TaskLedger } from './task-ledger.ts';
import type { TaskTally } from './task-tally.ts';

export interface LoadTaskOptions {
  readonly target: ImportTarget;
  readonly ports: ImportPorts;
  readonly ledger: TaskLedger;
  readonly s3: S3Settings;
  readonly encoder: RecordEncoder;
  readonly lanes: number;
  readonly pool: PartPool;
  readonly laneLimits: LaneLimits;
  readonly importer: Omit<ImporterOptions, 'changed'>;
  readonly deleteImported: boolean;
  readonly emitter: SafeEmitter;
  readonly tally: TaskTally;
}

/** Files created but not yet imported that insert() lets pile up, in units of one import. */
const BACKLOG_IMPORTS = 2;

/**
 * A load from its first record to its last import: lines go into lanes, lanes make files, frozen files
 * make imports. The first failure ends it; what is staged then stays for a resume.
 */
export class LoadTask {
  readonly #options: LoadTaskOptions;
  readonly #lanes: LaneWriter[];
  readonly #importer: Importer;
  readonly #changed = new Condition();
  readonly #stop = new AbortController();
  /** Created and not yet imported: what flush() waits for. In order of creation. */
  readonly #pending = new Map<number, OpenFile>();
  readonly #background = new Set<Promise<void>>();
  readonly #maxBacklog: number;
  #lastFileId = 0;
  #failure: RelytError | undefined;

  constructor(options: LoadTaskOptions) {
    this.#options = options;
    const { ports, target, s3 } = options;
    const runner = new ImportRunner(ports, target, { ...s3, signal: this.#stop.signal });
    this.#importer = new Importer(
      runner,
      { ...options.importer, changed: this.#changed },
      {
        imported: (...event) => this.#imported(...event),
        failed: (files, error) => this.#importFailed(files, error),
      },
    );
    const files = {
      open: (lane: number, ordinal: number) => this.#openFile(lane, ordinal),
      close: (file: OpenFile) => this.#inBackground(this.#freeze(file)),
    };
    this.#lanes = Array.from(
      { length: options.lanes },
      (_, lane) => new LaneWriter(lane, options.laneLimits, files),
    );
    this.#maxBacklog =
      BACKLOG_IMPORTS * options.importer.concurrency * options.importer.filesPerImport +
      options.lanes;
  }

  get failure(): RelytError | undefined {
    return this.#failure;
  }

  /** Encodes and appends one record. @throws RelytError RECORD_INVALID, which leaves no trace in a file */
  write(record: unknown, ordinal: number): void {
    const line = this.#options.encoder.encode(record, ordinal);
    const lane = this.#lanes[this.#options.encoder.lane];
    if (lane === undefined)
      throw new RelytError('INTERNAL', 'the encoder named a lane that does not exist');
    lane.append(line, ordinal);
  }

  /** True when insert() has to wait: no memory for another part, or imports lag too far behind (G5). */
  get mustWait(): boolean {
    return (
      this.#failure !== undefined || this.#backlogged || this.#lanes.some((lane) => lane.blocked)
    );
  }

  async whenReady(): Promise<void> {
    await this.#changed.until(() => !this.#backlogged || this.#failure !== undefined);
    for (const lane of this.#lanes) await lane.blocked?.whenWritable();
    this.throwIfFailed();
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves when every record written before is imported. */
  async flush(): Promise<void> {
    this.throwIfFailed();
    for (const lane of this.#lanes) lane.rotate();
    const last = this.#lastFileId;
    await this.#changed.until(() => this.#failure !== undefined || this.#importedUpTo(last));
    this.throwIfFailed();
    await Promise.all(this.#background);
  }

  /** Ends the task after a failure: nothing new starts, what is under way is cancelled and waited for. */
  fail(error: RelytError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#stop.abort(error);
    this.#changed.changed();
    this.#options.emitter.report('failed', error);
  }

  /** Waits until nothing of this task runs any more. Files still open are dropped: their records were never frozen. */
  async settle(): Promise<void> {
    const open = this.#lanes.flatMap((lane) => lane.abandon() ?? []);
    const dropped = open.map((file) => this.#dropOpen(file));
    await Promise.allSettled([...dropped, this.#importer.stop()]);
    while (this.#background.size > 0) await Promise.allSettled(this.#background);
  }

  /** Removes every staged file that is not imported: the task was aborted for good. */
  async discard(reason: string): Promise<void> {
    const files = [...this.#pending.values()];
    if (files.length === 0) return;
    await this.#options.ledger.filesFailed(
      files.map((file) => file.fileId),
      reason,
    );
    await this.#delete(files.map((file) => file.key));
    this.#pending.clear();
  }

  get #backlogged(): boolean {
    return this.#pending.size > this.#maxBacklog;
  }

  #importedUpTo(fileId: number): boolean {
    for (const pending of this.#pending.keys()) return pending > fileId;
    return true;
  }

  #openFile(lane: number, firstOrdinal: number): OpenFile {
    const { s3, target, ports, pool, ledger, tally } = this.#options;
    const fileId = ++this.#lastFileId;
    const key = stagedObjectKey({
      prefix: s3.prefix,
      day: new Date().toISOString().slice(0, 10),
      processId: target.processId,
      fileName: `file-${String(fileId).padStart(6, '0')}`,
      gzip: target.gzip,
    });
    const url = `${s3.endpoint}/${s3.bucket}/${key}`;
    const staged = new StagedFile({
      key,
      store: ports.store,
      pool,
      maxPartsInFlight: s3.uploadConcurrency,
      gzip: target.gzip,
      signal: this.#stop.signal,
      beforeUpload: () => ledger.created({ fileId, lane, bucket: s3.bucket, key, url }),
    });
    const file = { fileId, lane, key, staged, firstOrdinal, lastOrdinal: firstOrdinal };
    this.#pending.set(fileId, file);
    this.#importer.created({ fileId, lane, key, records: 0 });
    tally.filesCreated++;
    return file;
  }

  async #freeze(file: OpenFile): Promise<void> {
    const { fileId, lane, key, staged, firstOrdinal, lastOrdinal } = file;
    try {
      const { bytes, storedBytes } = await staged.finish();
      const { records } = staged;
      await this.#options.ledger.frozen({
        fileId,
        firstOrdinal,
        lastOrdinal,
        records,
        bytes,
        storedBytes,
      });
      this.#options.tally.frozen(bytes);
      this.#options.emitter.report('fileFrozen', { fileId: String(fileId), key, records, bytes });
      this.#importer.frozen({ fileId, lane, key, records });
    } catch (error) {
      await this.#dropOpen(file);
      this.fail(
        asRelytError(error).at({
          fileId: String(fileId),
          processId: this.#options.target.processId,
        }),
      );
    }
  }

  #imported(
    ...[files, counts, importId, seconds]: Parameters<
      ConstructorParameters<typeof Importer>[2]['imported']
    >
  ): void {
    for (const file of files) this.#pending.delete(file.fileId);
    const { tally, ledger, emitter, deleteImported } = this.#options;
    tally.imported(files.length, counts);
    ledger.imported();
    const fileIds = files.map((file) => String(file.fileId));
    emitter.report('imported', { importId, fileIds, counts, seconds });
    if (deleteImported) this.#inBackground(this.#delete(files.map((file) => file.key)));
    this.#changed.changed();
  }

  #importFailed(files: readonly ImportFile[], error: unknown): void {
    const failure = asRelytError(error);
    const aborted = this.#stop.signal.aborted;
    this.fail(failure);
    if (aborted) return;
    const fileIds = files.map((file) => file.fileId);
    this.#inBackground(
      this.#options.ledger
        .filesFailed(fileIds, failure.message)
        .catch((cause) => this.#warn(cause)),
    );
  }

  async #dropOpen(file: OpenFile): Promise<void> {
    await file.staged.abort().catch((error) => this.#warn(error));
  }

  /** A staged file that stays behind is accounted for by its row, so this only warns. */
  async #delete(keys: readonly string[]): Promise<void> {
    await this.#options.ports.store.deleteObjects(keys).catch((error) => this.#warn(error));
  }

  #warn(error: unknown): void {
    this.#options.emitter.report('warning', asRelytError(error));
  }

  #inBackground(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.#background.delete(tracked));
    this.#background.add(tracked);
  }
}

export function asRelytError(error: unknown): RelytError {
  if (error instanceof RelytError) return error;
  return new RelytError('INTERNAL', error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}
