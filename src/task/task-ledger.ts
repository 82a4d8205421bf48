import type { Committed } from '../core/committed.ts';
import type { Repertoire } from '../core/repertoire.ts';
import { storableJson } from '../core/storable-json.ts';
import type { TaskState } from '../core/task-state.ts';
import type { Writer } from '../core/writer.ts';
import type { Database } from '../database/database.ts';
import { databaseError } from '../database/database-error.ts';
import type { Transaction } from '../database/session.ts';
import type { Statement } from '../database/statement.ts';
import {
  failFiles,
  insertFile,
  keysWithoutRow,
  type NewFile,
  ownFile,
} from '../database/statements/file.ts';
import { type Presence, storePresence } from '../database/statements/presence.ts';
import { insertRejects, type Reject } from '../database/statements/reject.ts';
import {
  holdEpoch,
  insertCheckpoint,
  insertTask,
  type NewTask,
  setTaskStatus,
} from '../database/statements/task.ts';
import type { RelytError } from '../errors.ts';
import { failpoint } from '../failpoints.ts';
import { lostTask, unlessTakenOver } from '../importing/taken-over.ts';
import { Background } from './background.ts';
import { type ConfirmedTask, checkCommitted, type ImportedMark } from './check-committed.ts';
import { CheckpointSummary } from './checkpoint-summary.ts';
import { type FrozenGeneration, GenerationRows } from './generation-rows.ts';
import { type KeyClaim, takeKey } from './keyed-task.ts';
import type { Patience } from './patience.ts';

/** How a new task is found: by who looks for its process, and by its key. */
export interface TaskStart {
  readonly presence: Presence | undefined;
  readonly key: KeyClaim | undefined;
}

export interface LedgerOptions {
  /** Target, as an import finds it. */
  readonly table: ConfirmedTask['table'];
  readonly committed: Committed;
  readonly patience: Patience;
  readonly repertoire: Repertoire | undefined;
}

/** Everything a running task stores about itself. */
export class TaskLedger {
  readonly #database: Database;
  readonly #writer: Writer;
  readonly #known: ConfirmedTask;
  readonly #patience: Patience;
  readonly #repertoire: Repertoire | undefined;
  readonly #summary: CheckpointSummary;
  /** Rows of files being written: an aborted upload does not wait for its own. */
  readonly #creating = new Background();
  #pendingRejects: Reject[] = [];

  constructor(database: Database, writer: Writer, options: LedgerOptions) {
    const { table, committed, patience, repertoire } = options;
    this.#database = database;
    this.#writer = writer;
    this.#known = { writer, table, committed };
    this.#patience = patience;
    this.#repertoire = repertoire;
    this.#summary = new CheckpointSummary(database, writer.processId);
  }

  /** The task has failed: what is still to be written is tried for a few seconds only. */
  hurry(): void {
    this.#patience.hurry();
  }

  async start(task: NewTask, { presence, key }: TaskStart): Promise<void> {
    const settings = this.#json(task.settings) as NewTask['settings'];
    // In this order: no task row may be put under a checkpoint that is there.
    const rows = [
      insertTask({ ...task, settings }),
      insertCheckpoint(task),
      storePresence(this.#writer, presence),
    ];
    await this.#write('store the task', () =>
      key === undefined ? this.#database.atOnce(rows) : this.#startKeyed(rows, key),
    );
  }

  #startKeyed(rows: readonly Statement[], key: KeyClaim): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      for (const row of rows) await transaction.execute(row);
      await takeKey(transaction, key, this.#processId);
    });
  }

  async created(file: NewFile): Promise<void> {
    const created = this.#create(file);
    this.#creating.add(created.catch(() => undefined));
    await created;
  }

  async #create(file: NewFile): Promise<void> {
    // Holding the epoch, or a row written while another process takes over would be in the way of its own.
    await this.#writeAsHolder('store a staged file', insertFile(this.#writer, file));
    await this.#write('store a staged file', async () => {
      const own = await this.#database.query(ownFile(this.#writer, file));
      if (own.length !== 1) throw await lostTask(this.#database, this.#writer);
    });
    await failpoint('file-recorded');
    this.#summary.touch();
  }

  /**
   * Freezes a generation: its files, the records rejected meanwhile, and how far the source is safe, all in one
   * transaction. A resume finds all of it or none, so that nothing is lost and nothing loaded twice (G1).
   */
  async frozen(generation: FrozenGeneration): Promise<void> {
    const rows = this.rowsOf(generation);
    await failpoint('before-freeze');
    await this.#write('freeze staged files', () =>
      this.#database.transaction((transaction) => rows.freeze(transaction)),
    );
    rows.committed();
    await failpoint('frozen');
    this.#summary.touch();
  }

  /** What a generation writes down: the records rejected up to its end go along, and stay here until it is committed. */
  rowsOf(generation: FrozenGeneration): GenerationRows {
    const { lastOrdinal } = generation;
    const by = {
      writer: this.#writer,
      committed: this.#known.committed,
      json: (value: unknown) => this.#json(value),
      rejectsKept: () => void this.#takeRejects(lastOrdinal),
    };
    const rejects = this.#pendingRejects.filter(({ ordinal }) => ordinal <= lastOrdinal);
    return new GenerationRows(by, generation, rejects);
  }

  reject(reject: Reject): void {
    const { reason, record, position } = reject;
    const kept = record === null ? null : this.#storable(record);
    this.#pendingRejects.push({
      ...reject,
      position: position === null ? null : JSON.stringify(this.#json(JSON.parse(position))),
      reason: this.#storable(reason),
      record: kept,
    });
  }

  /** Keeps the rejected records that no frozen generation took along: the task ends, or has no other records. */
  async writeRejects(): Promise<void> {
    const rejects = this.#takeRejects(Number.POSITIVE_INFINITY);
    if (rejects.length === 0) return;
    await this.#writeAsHolder('keep rejected records', insertRejects(this.#processId, rejects));
    this.#known.committed.rejected(rejects.length);
  }

  /** An import was committed; its own transaction wrote the rows. */
  imported(): void {
    this.#summary.touch();
  }

  /** A row that came after it would stay CREATED in a task that has ended. */
  async filesFailed(fileIds: readonly number[], error: string): Promise<void> {
    await this.#creating.settled();
    await this.#writeAsHolder(
      'mark failed files',
      failFiles(this.#writer, fileIds, this.#storable(error)),
    );
  }

  /** When another process has the task and cleaned up, S3 lacks objects: that is not the error to report then. */
  async explained(error: RelytError): Promise<RelytError> {
    const placed = error.at({ processId: this.#processId });
    return unlessTakenOver(this.#database, this.#writer, placed);
  }

  /** Those of the keys that no file of the task has: the process that took it over has forgotten them. */
  async keysWithoutRow(keys: readonly string[]): Promise<string[]> {
    const rows = await this.#database.query<{ key: string }>(keysWithoutRow(this.#processId, keys));
    return rows.map((row) => row.key);
  }

  /**
   * Everything up to this mark is imported: the checkpoint row is brought up to date, and says so.
   * @throws RelytError DATABASE_WENT_BACK
   */
  async flushed(mark: ImportedMark): Promise<void> {
    await this.#summarize();
    await this.#write('look at what is imported', () =>
      this.#database.transaction((transaction) => checkCommitted(transaction, this.#known, mark)),
    );
  }

  /**
   * Ends a task that has imported all it was given: if the database still has it, and in the same transaction.
   * @throws RelytError DATABASE_WENT_BACK
   */
  async complete(status: TaskState, errorMessage: string | null): Promise<void> {
    await this.#finish({ status, errorMessage }, (transaction) =>
      checkCommitted(transaction, this.#known),
    );
  }

  /** Ends a task that failed or was aborted. */
  async giveUp(status: TaskState, errorMessage: string | null): Promise<void> {
    await this.#finish({ status, errorMessage }, (transaction) => this.#hold(transaction));
  }

  async #finish(
    { status, errorMessage }: { readonly status: TaskState; readonly errorMessage: string | null },
    hold: (transaction: Transaction) => Promise<void>,
  ): Promise<void> {
    await failpoint('before-finish');
    await this.writeRejects();
    await this.#summarize();
    const message = errorMessage === null ? null : this.#storable(errorMessage);
    const ended = setTaskStatus(this.#writer, status, message);
    await this.#writeAsHolder('store the end of the task', ended, hold);
  }

  async #summarize(): Promise<void> {
    await this.#write('update the checkpoint', () => this.#summary.refresh());
  }

  get #processId(): string {
    return this.#writer.processId;
  }

  /** What was refused for its characters must not be refused again where it is kept. */
  #storable(text: string): string {
    return this.#repertoire?.escaped(text) ?? text;
  }

  #json(value: unknown): unknown {
    return storableJson(value, this.#repertoire);
  }

  #takeRejects(lastOrdinal: number): Reject[] {
    const taken = this.#pendingRejects.filter((reject) => reject.ordinal <= lastOrdinal);
    this.#pendingRejects = this.#pendingRejects.filter((reject) => reject.ordinal > lastOrdinal);
    return taken;
  }

  /** A write that must not happen, and must not seem to have happened, once the task is another process's (G6). */
  async #writeAsHolder(
    doing: string,
    statement: Statement,
    hold = (transaction: Transaction) => this.#hold(transaction),
  ): Promise<void> {
    await this.#write(doing, () =>
      this.#database.transaction(async (transaction) => {
        await hold(transaction);
        await transaction.execute(statement);
      }),
    );
  }

  async #hold(transaction: Transaction): Promise<void> {
    const held = await transaction.execute(holdEpoch(this.#writer));
    if (held !== 1) throw await lostTask(transaction, this.#writer);
  }

  /** Every write may be repeated: it checks for what it wants to be there, not for what it changed. */
  async #write(doing: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await this.#patience.repeat(work);
    } catch (error) {
      throw databaseError(error, doing, { processId: this.#processId });
    }
  }
}
