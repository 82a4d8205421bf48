import type { BulkProcessor } from './bulk-processor.ts';
import type { AccessConfig } from './config/access-config.ts';
import type { BulkProcessorConfig, LoadConfig, MappedConfig } from './config/load-config.ts';
import type { ExaminationOptions, ExaminationReport } from './doctor/examine.ts';
import type { ImportExplanation } from './explain/explain-import.ts';
import type { MigrateOptions } from './migrate/migrate-options.ts';
import type { MigrationReport } from './migrate/migration-report.ts';
import type { Monitor, MonitorOptions } from './monitor/start-monitor.ts';
import type { AbortedTask, AbortOptions } from './operations/abort-task.ts';
import type { GarbageOptions, GarbageReport } from './operations/collect-garbage.ts';
import type { EngineChoice } from './operations/engine-choice.ts';
import type { TaskFilter } from './operations/list-tasks.ts';
import type { RejectedLine, RejectedLinesOptions } from './operations/rejected-lines.ts';
import type { RejectedRecord } from './operations/rejected-records.ts';
import type { TaskDetails } from './operations/show-task.ts';
import type { TaskOverview } from './operations/task-overview.ts';
import type { UninstallPlan } from './operations/uninstall/removal.ts';
import type { UninstallOptions, UninstallReport } from './operations/uninstall/uninstall.ts';
import type { Prepared } from './prepare/preparation.ts';
import type { PrepareOptions } from './prepare/prepare-options.ts';
import type { ResumeOptions } from './task/claim-task.ts';

export interface ConnectOptions {
  /**
   * Maximum number of connections. A migration and an explained load use up to 4.
   * @default 8
   * @example 4
   */
  readonly connections?: number | undefined;
}

/** Settings of a load, except the connection, which is the one of the handle. */
export type LoadOver<Row = unknown> = (
  | Omit<BulkProcessorConfig<Row>, 'postgresql'>
  | Omit<MappedConfig<Row>, 'postgresql'>
) & {
  readonly table: string;
  readonly schema?: string | undefined;
};

const CONNECTIONS = 8;

/**
 * Connects to the database, for any number of operations over one pool of connections.
 *
 * @example
 * ```ts
 * import { connect } from 'relyt-sdk';
 *
 * await using relyt = await connect({ postgresql: { connectionString: process.env.DATABASE_URL } });
 * for (const { processId, error } of await relyt.tasks({ status: 'FAILED' })) {
 *   console.log(processId, error);
 *   for await (const { reason } of relyt.rejectedRecords(processId)) console.log(reason);
 * }
 * ```
 * @throws RelytError CONFIG_INVALID, DATABASE_…
 */
export async function connect(
  access: AccessConfig,
  { connections = CONNECTIONS }: ConnectOptions = {},
): Promise<Connected> {
  const { resolveAccess } = await import('./config/access-schema.ts');
  const { postgresql } = resolveAccess(access);
  // Connections of the caller's are shared already.
  if (postgresql.pool !== undefined || postgresql.connect !== undefined)
    return new Connected(access);
  const { SharedConnections } = await import('./database/shared-connections.ts');
  const pool = new SharedConnections(postgresql, connections);
  (await pool.connect()).release(false);
  return new Connected({ ...access, postgresql: { pool } }, () => pool.close());
}

/**
 * The handle that `connect()` returns: everything you can ask of tasks and do about them. The work is in `operations/`,
 * `prepare/`, `migrate/`, `doctor/` and `explain/`, each loaded when it is called: a program pays for what it uses.
 */
export class Connected implements AsyncDisposable {
  readonly #access: AccessConfig;
  readonly #close: () => Promise<void>;

  /** @internal */
  constructor(access: AccessConfig, close: () => Promise<void> = async () => undefined) {
    this.#access = access;
    this.#close = close;
  }

  /** The tasks of the database, newest first. @throws RelytError SCHEMA_MISSING, DATABASE_… */
  async tasks(filter: TaskFilter = {}): Promise<TaskOverview[]> {
    const { readTaskList } = await import('./operations/list-tasks.ts');
    return readTaskList(this.#access, filter);
  }

  /** Everything that is known of one task. @throws RelytError TASK_NOT_FOUND, SCHEMA_MISSING, DATABASE_… */
  async task(processId: string): Promise<TaskDetails> {
    const { describeTask } = await import('./operations/show-task.ts');
    return describeTask(this.#access, processId);
  }

  /** The rejected records of a task, in their order, read in pages as you iterate. @throws RelytError TASK_NOT_FOUND */
  async *rejectedRecords(processId: string): AsyncGenerator<RejectedRecord> {
    const { readRejected } = await import('./operations/rejected-records.ts');
    yield* readRejected(this.#access, processId);
  }

  /**
   * The rejected records of a task as lines of a file, to be corrected and loaded again. A `lost` one has no text.
   *
   * @example
   * ```ts
   * import { createWriteStream } from 'node:fs';
   * import { pipeline } from 'node:stream/promises';
   * import { connect } from 'relyt-sdk';
   *
   * await using relyt = await connect({ postgresql: { connectionString: process.env.DATABASE_URL } });
   * await pipeline(
   *   relyt.rejectedLines('6f6d…', { format: 'ndjson' }),
   *   async function* (lines) {
   *     for await (const { text } of lines) if (text !== null) yield `${text}\n`;
   *   },
   *   createWriteStream('rejected.ndjson'),
   * );
   * ```
   * @throws RelytError TASK_NOT_FOUND; CONFIG_INVALID for CSV when the table is gone and with it the names of the columns
   */
  async *rejectedLines(
    processId: string,
    options: RejectedLinesOptions = {},
  ): AsyncGenerator<RejectedLine> {
    const { readRejectedLines } = await import('./operations/rejected-lines.ts');
    yield* readRejectedLines(this.#access, processId, options);
  }

  /**
   * Takes over a task that failed or whose process died, as `BulkProcessor.resume`, over the connections of the handle.
   * Table and settings that are left out are those the task was started with; a logger and a signal have to be given
   * again. What a task of another role says of files and endpoints has to be said again, too.
   *
   * @example
   * ```ts
   * import { connect } from 'relyt-sdk';
   *
   * await using relyt = await connect({ postgresql: { connectionString: process.env.DATABASE_URL } });
   * for (const { processId } of await relyt.tasks({ status: 'FAILED' })) {
   *   await using processor = await relyt.resume(processId);
   *   // Imports what is staged. `position` says where the source goes on.
   *   await processor.suspend(`the source goes on after ${JSON.stringify(processor.position)}`);
   * }
   * ```
   * @throws RelytError TASK_NOT_FOUND, TABLE_NOT_FOUND; else as `BulkProcessor.resume`
   */
  async resume<Row = unknown, Position = unknown>(
    processId: string,
    load: NoInfer<Partial<LoadOver<Row>>> = {},
    options: ResumeOptions = {},
  ): Promise<BulkProcessor<Row, Position>> {
    const [{ BulkProcessor }, { startedLoad }] = await Promise.all([
      import('./bulk-processor.ts'),
      import('./operations/started-load.ts'),
    ]);
    // Inside, records have no type.
    const given = load as Partial<LoadOver>;
    const { config } = await startedLoad(this.#access, processId, given);
    return BulkProcessor.resume<Row, Position>(processId, config as LoadConfig<Row>, options);
  }

  /** Cancels a task that no process works on, as `abortTask`. @throws RelytError TASK_NOT_FOUND, ABORT_REFUSED */
  async abort(processId: string, options: AbortOptions = {}): Promise<AbortedTask> {
    const { cancelTask } = await import('./operations/abort-task.ts');
    return cancelTask(this.#access, processId, options);
  }

  /** Deletes staged files that no task needs any more, as `collectGarbage`. @throws RelytError SCHEMA_MISSING, S3_… */
  async gc(options: GarbageOptions = {}): Promise<GarbageReport> {
    const { removeGarbage } = await import('./operations/collect-garbage.ts');
    return removeGarbage(this.#access, options);
  }

  /** Moves big groups to auxiliary tables, or small ones back, as `migrateGroups`. @throws RelytError ROUTING_INVALID */
  async migrate(options: MigrateOptions): Promise<MigrationReport> {
    const { moveGroups } = await import('./migrate/migrate-groups.ts');
    return moveGroups(this.#access, options);
  }

  /**
   * Brings the database to where loads can run: the schema relyt_sys, rights of roles, S3 settings, allowed locations,
   * routing. If you repeat it, nothing changes. `prepareScript` gives the same as SQL for an administrator.
   *
   * @example
   * ```ts
   * import { connect } from 'relyt-sdk';
   *
   * await using relyt = await connect({ postgresql: { connectionString: process.env.ADMIN_URL } });
   * const { migrations } = await relyt.prepare({ roles: ['loader'], routing: { tables: ['public.events'] } });
   * console.log(migrations);
   * ```
   * @throws RelytError CONFIG_INVALID, FOREIGN_CODE, LOADER_CONFIG_INVALID, SCHEMA_TOO_NEW, ROUTING_INVALID, DATABASE_…
   */
  async prepare(options: PrepareOptions = {}): Promise<Prepared> {
    const { prepareFor } = await import('./prepare/prepare.ts');
    return prepareFor(this.#access, options);
  }

  /**
   * Tries everything that a load needs, a small load included, and leaves nothing behind. The report has what fails,
   * and what to do about it.
   * @param load settings that the load would have; its table may be left out
   */
  async doctor(
    load: Partial<LoadOver> = {},
    options: ExaminationOptions = {},
  ): Promise<ExaminationReport> {
    const { examine } = await import('./doctor/examine.ts');
    const { table, schema = 'public', signal: _, ...settings } = load;
    const place = table === undefined ? undefined : { schema, table };
    const { postgresql = {}, ...access } = this.#access;
    return examine({ ...access, ...settings, postgresql, table: place }, options);
  }

  /**
   * What a load would do with records like these, every SQL statement included, without doing it.
   * @param records the first ones, at least one
   * @throws RelytError what the load would fail with before its first import
   */
  async explain(
    { table, schema, ...settings }: LoadOver,
    records: readonly unknown[],
  ): Promise<ImportExplanation> {
    const [{ planLoad }, { explainImport }] = await Promise.all([
      import('./task/plan-load.ts'),
      import('./explain/explain-import.ts'),
    ]);
    const place = { ...this.#access.postgresql, table, ...(schema !== undefined && { schema }) };
    const plan = await planLoad({ ...this.#access, ...settings, postgresql: place });
    try {
      return await explainImport(plan, records);
    } finally {
      await plan.close();
    }
  }

  /** Which engine 'auto' is for the database, and why. `listEngines` describes them all. @throws RelytError ENGINE_UNSUPPORTED */
  async engine(): Promise<EngineChoice> {
    const { chosenFor } = await import('./operations/engine-choice.ts');
    return chosenFor(this.#access);
  }

  /**
   * Serves a web page that shows tasks as they run, with `/metrics` for Prometheus and `/healthz`. It shows what the role
   * of the connection may see, changes nothing, and uses up to 2 connections of the handle. It runs until it is closed, or
   * `signal` fires; close it before the handle.
   *
   * @example
   * ```ts
   * import { connect } from 'relyt-sdk';
   *
   * await using relyt = await connect({ postgresql: { connectionString: process.env.DATABASE_URL } });
   * await using monitor = await relyt.monitor({ port: 0 });
   * console.log(`The monitor is at ${monitor.url}`);
   * ```
   * @throws RelytError CONFIG_INVALID when it needs a token, or cannot listen there
   */
  async monitor(options: MonitorOptions = {}): Promise<Monitor> {
    const { startMonitor } = await import('./monitor/start-monitor.ts');
    return startMonitor(this.#access, options);
  }

  /**
   * What `uninstall()` would remove, with its SQL. It is tried in a transaction that is rolled back, so this is refused
   * where the uninstall would be. @throws RelytError UNINSTALL_REFUSED
   */
  async planUninstall(options: Pick<UninstallOptions, 'discard'> = {}): Promise<UninstallPlan> {
    const { planUninstall } = await import('./operations/uninstall/uninstall.ts');
    return planUninstall(this.#access, options);
  }

  /**
   * Removes what `prepare()` made, in one transaction, after what was staged in S3. Nothing is removed by CASCADE, and the
   * tables that loads write to stay. If it is interrupted, run it again.
   * @throws RelytError UNINSTALL_REFUSED, ABORT_REFUSED; else as `gc`
   */
  async uninstall(options: UninstallOptions = {}): Promise<UninstallReport> {
    const { uninstall } = await import('./operations/uninstall/uninstall.ts');
    return uninstall(this.#access, options);
  }

  /** Ends the connections. */
  close(): Promise<void> {
    return this.#close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
