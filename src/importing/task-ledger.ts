import type { Database } from '../database/database.ts';
import { databaseError } from '../database/database-error.ts';
import {
  type FrozenFile,
  failFiles,
  freezeFile,
  insertFile,
  type NewFile,
} from '../database/statements/file.ts';
import { insertRejects, type Reject } from '../database/statements/reject.ts';
import {
  insertCheckpoint,
  insertTask,
  type NewTask,
  refreshCheckpoint,
  setTaskStatus,
  type TaskStatus,
} from '../database/statements/task.ts';
import { RelytError } from '../errors.ts';

/** The summary may cost at most this share of the time, so that ten thousand files cost no more each than the first. */
const SUMMARY_COST_SHARE = 0.02;
const SUMMARY_MIN_PAUSE_MS = 1000;
/** Rejected records wait for the next frozen file at most until there are this many. */
const MAX_PENDING_REJECTS = 500;

/** Everything a running task writes down about itself. */
export class TaskLedger {
  readonly #database: Database;
  readonly #processId: string;
  #pendingRejects: Reject[] = [];
  #summaryTimer: NodeJS.Timeout | undefined;
  #summaryPauseMs = SUMMARY_MIN_PAUSE_MS;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(database: Database, processId: string) {
    this.#database = database;
    this.#processId = processId;
  }

  async start(task: NewTask): Promise<void> {
    await this.#write('record the task', () =>
      this.#database.transaction(async (transaction) => {
        await transaction.execute(insertCheckpoint(task));
        await transaction.execute(insertTask(task));
      }),
    );
  }

  async created(file: Omit<NewFile, 'processId'>): Promise<void> {
    await this.#write('record a staged file', () =>
      this.#database.execute(insertFile({ processId: this.#processId, ...file })),
    );
    this.#touchSummary();
  }

  /** Freezes the file, and with it keeps the rejected records so far: one transaction, so resume sees both or neither. */
  async frozen(file: FrozenFile): Promise<void> {
    const rejects = this.#takeRejects();
    await this.#write('freeze a staged file', () =>
      this.#database.transaction(async (transaction) => {
        const touched = await transaction.execute(freezeFile(this.#processId, file));
        if (touched !== 1) {
          throw new RelytError(
            'LEASE_LOST',
            `file ${file.fileId} is no longer this process's to freeze`,
          );
        }
        if (rejects.length > 0) await transaction.execute(insertRejects(this.#processId, rejects));
      }),
    );
    this.#touchSummary();
  }

  reject(reject: Reject): void {
    this.#pendingRejects.push(reject);
  }

  get rejectsOverdue(): boolean {
    return this.#pendingRejects.length >= MAX_PENDING_REJECTS;
  }

  async writeRejects(): Promise<void> {
    const rejects = this.#takeRejects();
    if (rejects.length === 0) return;
    await this.#write('keep rejected records', () =>
      this.#database.execute(insertRejects(this.#processId, rejects)),
    );
  }

  /** An import was committed; its own transaction wrote the rows. */
  imported(): void {
    this.#touchSummary();
  }

  async filesFailed(fileIds: readonly number[], error: string): Promise<void> {
    await this.#write('record failed files', () =>
      this.#database.execute(failFiles(this.#processId, fileIds, error)),
    );
  }

  /** Brings the checkpoint row up to date now. */
  async summarize(): Promise<void> {
    clearTimeout(this.#summaryTimer);
    this.#summaryTimer = undefined;
    await this.#write('update the checkpoint', () => this.#refresh());
  }

  async finish(status: TaskStatus, errorMessage: string | null): Promise<void> {
    await this.writeRejects();
    await this.summarize();
    await this.#write('record the end of the task', () =>
      this.#database.execute(setTaskStatus(this.#processId, status, errorMessage)),
    );
  }

  #takeRejects(): Reject[] {
    const rejects = this.#pendingRejects;
    this.#pendingRejects = [];
    return rejects;
  }

  #touchSummary(): void {
    if (this.#summaryTimer !== undefined) return;
    this.#summaryTimer = setTimeout(() => {
      this.#summaryTimer = undefined;
      // Best effort while running; flush and the end of the task do it again and do report.
      this.#refresh().catch(() => undefined);
    }, this.#summaryPauseMs);
    this.#summaryTimer.unref();
  }

  /** One at a time; the pause to the next grows with what this one cost. */
  #refresh(): Promise<void> {
    const next = this.#refreshing.then(async () => {
      const started = performance.now();
      await this.#database.execute(refreshCheckpoint(this.#processId));
      const cost = performance.now() - started;
      this.#summaryPauseMs = Math.max(SUMMARY_MIN_PAUSE_MS, cost / SUMMARY_COST_SHARE);
    });
    this.#refreshing = next.catch(() => undefined);
    return next;
  }

  async #write(doing: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw databaseError(error, doing, { processId: this.#processId });
    }
  }
}
