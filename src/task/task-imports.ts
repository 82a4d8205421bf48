import { asRelytError } from '../core/task-failure.ts';
import { Condition } from '../importing/condition.ts';
import type { ImportTarget } from '../importing/import-attempt.ts';
import { refusedRecord } from '../importing/import-failure.ts';
import type { ImportFile } from '../importing/import-file.ts';
import { ImportRunner } from '../importing/import-runner.ts';
import { type EndedImport, Importer } from '../importing/importer.ts';
import { Background } from './background.ts';
import { filesPerImport } from './import-target.ts';
import type { OpenFile } from './open-file.ts';
import type { OpenTask } from './open-task.ts';
import { type PendingFile, PendingFiles } from './pending-files.ts';
import { publishReject } from './rejection.ts';
import { StagedCleanup } from './staged-cleanup.ts';
import type { TaskWork } from './task-end.ts';

/**
 * The imports of a task into the columns of one target: frozen files go in, and their rows, rejected records and
 * objects are accounted for. A failed import ends the task; what is frozen then stays for a resume.
 */
export class TaskImports implements TaskWork {
  /** Notified of everything that calls of the task may wait for. */
  readonly changed = new Condition();
  readonly background = new Background();
  readonly #task: OpenTask;
  readonly #target: ImportTarget;
  readonly #importer: Importer;
  readonly #cleanup: StagedCleanup;
  readonly #pending = new PendingFiles();

  constructor(task: OpenTask, target: ImportTarget) {
    const { plan, committed, ledger, rejects, end, last } = task;
    const { database, engine, staging, limits: times, config } = plan;
    this.#task = task;
    this.#target = target;
    this.#cleanup = new StagedCleanup(staging, ledger, (error) => this.#warn(error));
    const limits = { ...times, rejects, committed, signal: end.signal };
    this.#importer = new Importer(
      new ImportRunner({ database, engine, objects: staging.store }, target, limits),
      {
        concurrency: config.concurrency,
        filesPerImport: filesPerImport(plan),
        // Those from memory commit in their order by themselves.
        ordered: target.mode !== 'insert' && staging.kind === 's3',
        lastImportId: last.importId,
        changed: this.changed,
      },
      {
        imported: (ended) => this.#imported(ended),
        failed: (files, error) => this.#failed(files, error),
      },
    );
    end.signal.addEventListener('abort', () => this.changed.changed());
  }

  /** Files created and not yet imported. */
  get pendingFiles(): number {
    return this.#pending.size;
  }

  /** What they write to. */
  get target(): ImportTarget {
    return this.#target;
  }

  get lastImportId(): number {
    return this.#importer.lastImportId;
  }

  /** A file that will be frozen: `imported` waits for it. */
  expect(file: PendingFile): void {
    this.#pending.add(file);
  }

  /** Files that are frozen, in the order they were. */
  add(files: readonly ImportFile[]): void {
    for (const file of files) this.#pending.add(file);
    this.#importer.add(files);
  }

  /** Resolves when no file up to this one is pending any more. @throws RelytError what made the task fail */
  async importedUpTo(fileId: number): Promise<void> {
    const { end } = this.#task;
    await this.changed.until(() => end.failure !== undefined || this.#pending.importedUpTo(fileId));
    end.throwIfFailed();
    await this.background.settledNow();
  }

  /** Removes files that were never completed. */
  async drop(files: readonly OpenFile[]): Promise<void> {
    await this.#cleanup.drop(files);
  }

  /** Starts nothing more; resolves when the imports under way have ended. */
  async stop(): Promise<void> {
    await this.#importer.stop();
  }

  async settle(): Promise<void> {
    await this.stop();
    await this.background.settled();
    if (this.#task.end.failure?.code !== 'LEASE_LOST') return;
    await this.#cleanup.deleteForgotten(this.#pending.keys);
  }

  async giveUp(reason: string): Promise<void> {
    if (this.#pending.size === 0) return;
    await this.#task.ledger.filesFailed(this.#pending.ids, reason);
  }

  async discard(): Promise<void> {
    await this.#cleanup.delete(this.#pending.keys);
  }

  #imported({ importId, files, counts, refused, seconds }: EndedImport): void {
    const { plan, tally, ledger, emitter } = this.#task;
    this.#pending.imported(files);
    tally.imported(files.length, counts);
    ledger.imported();
    for (const { ordinal, ...bad } of refused) {
      const error = refusedRecord({ record: ordinal, ...bad }, this.#target);
      emitter.report('recordRejected', { record: ordinal, error });
      publishReject(plan, { record: ordinal, stage: 'import', error });
    }
    const fileIds = files.map((file) => String(file.fileId));
    emitter.report('imported', { importId, fileIds, counts, seconds });
    this.changed.changed();
  }

  #failed(files: readonly ImportFile[], error: unknown): void {
    const { end, ledger } = this.#task;
    const cancelled = end.failure !== undefined;
    const failure = end.fail(asRelytError(error));
    if (cancelled || failure.code === 'LEASE_LOST') return;
    const fileIds = files.map((file) => file.fileId);
    const marked = ledger.filesFailed(fileIds, failure.message);
    this.background.add(marked.catch((cause) => this.#warn(cause)));
  }

  #warn(error: unknown): void {
    this.#task.emitter.report('warning', asRelytError(error));
  }
}
