import type { IsolationTerms } from '../applying/isolation-block.ts';
import type { Committed } from '../core/committed.ts';
import type { ImportCounts } from '../core/import-counts.ts';
import { isStillRaised } from '../core/raised.ts';
import type { RejectBudget } from '../core/reject-budget.ts';
import type { GiveUp, RetryClass } from '../core/retry-policy.ts';
import { classOf, SQLSTATE, SQLSTATE_CLASS } from '../core/sqlstate.ts';
import { UnknownOutcomeError } from '../database/client-transaction.ts';
import { failureCode } from '../database/database-error.ts';
import { importedFiles, takeFiles } from '../database/statements/file.ts';
import { anyPassed, readImport } from '../database/statements/import.ts';
import { holdEpoch } from '../database/statements/task.ts';
import { WatchedStep } from '../diagnostics/watched-step.ts';
import { RelytError } from '../errors.ts';
import { failpoint } from '../failpoints.ts';
import { type Attempt, repeat } from '../repeat.ts';
import { deadlineWithin } from './deadline.ts';
import {
  afterProgramFailed,
  type FailedAttempts,
  failureClass,
  isolateAfter,
  mayPassBehindRelation,
  noFailedAttempts,
} from './failed-attempts.ts';
import { FailedReadings } from './failed-readings.ts';
import {
  GaveWayError,
  type ImportPorts,
  type ImportResult,
  type ImportTarget,
  type SpecialWay,
} from './import-attempt.ts';
import { importFailure, importTimeout, recordNamedBy, tooManyRefused } from './import-failure.ts';
import type { ClosedGeneration, ImportFile } from './import-file.ts';
import { importTransaction } from './import-transaction.ts';
import { lineOfRecord } from './refused-lines.ts';
import { lostTask, unlessTakenOver } from './taken-over.ts';
import { newUpsertRun, type UpsertRun, Upserts } from './upserts.ts';

/** What the client waits beyond the server's own statement timeout: the connection is dead then. */
const GRACE_MS = 5_000;

export interface RunnerLimits {
  /** Seconds an import may take in all, retries included. */
  readonly importTimeoutSeconds: number;
  /** Longest pause between two attempts, in seconds. */
  readonly importErrorSleepSeconds: number;
  readonly rejects: RejectBudget;
  /** What is known to be committed of the task: each import goes on from it, and adds to it. */
  readonly committed: Committed;
  readonly signal: AbortSignal;
}

/** An import on its way, from its first attempt to its end. */
interface Run extends UpsertRun, FailedAttempts {
  readonly importId: number;
  readonly files: readonly ImportFile[];
  readonly generation: ClosedGeneration | undefined;
  /** Rows may go straight into the target, where files and table allow it. A failure there tells less than another. */
  straight: boolean;
  /** What the newest attempt did that not every table allows. */
  tried: SpecialWay | undefined;
  /** Taken from the budget of rejected records by the last attempt that came so far. */
  taken: number;
  /** The answer to a COMMIT was lost and its outcome not read back yet: what it took stays taken. */
  unsettled: boolean;
  /** The last failure that was not our own time limit: when time is up, it says more than "cancelled". */
  reason: unknown;
  readonly readings: FailedReadings;
}

/** Brings one import to its end: commits it once, or throws why it cannot be. Retries what may pass. */
export class ImportRunner {
  readonly #ports: ImportPorts;
  readonly #target: ImportTarget;
  readonly #limits: RunnerLimits;
  readonly #upserts = new Upserts();

  constructor(ports: ImportPorts, target: ImportTarget, limits: RunnerLimits) {
    this.#ports = ports;
    this.#target = target;
    this.#limits = limits;
  }

  async run(importId: number, files: readonly ImportFile[]): Promise<ImportResult> {
    const { table, writer } = this.#target;
    const message = () => ({
      processId: writer.processId,
      table: `${table.schema}.${table.name}`,
      importId,
      fileIds: files.map(({ fileId }) => fileId),
      records: files.reduce((sum, { records }) => sum + records, 0),
    });
    const work = () => this.#run(importId, files);
    return WatchedStep.of('relyt:import', message, work, ({ counts }) => ({ counts }));
  }

  async #run(importId: number, files: readonly ImportFile[]): Promise<ImportResult> {
    const run: Run = {
      importId,
      files,
      generation: files[0]?.generation,
      ...newUpsertRun(),
      straight: true,
      ...noFailedAttempts(),
      tried: undefined,
      taken: 0,
      unsettled: false,
      reason: undefined,
      readings: new FailedReadings(this.#ports.objects, files),
    };
    const { importTimeoutSeconds, importErrorSleepSeconds, signal, committed } = this.#limits;
    const after = committed.newestImports;
    const ended = repeat((attempt) => this.#attempt(run, attempt), {
      retried: { step: 'import', processId: this.#target.writer.processId },
      limits: {
        baseMs: 200,
        maxMs: importErrorSleepSeconds * 1000,
        totalMs: importTimeoutSeconds * 1000,
      },
      signal,
      classify: (error) => this.#afterFailure(run, error),
      gaveUp: (error, why, attempts) => this.#final(run, error, { why, attempts }),
    });
    const result = await ended.catch(async (error: unknown) => {
      throw await unlessTakenOver(this.#ports.database, this.#target.writer, error);
    });
    this.#upserts.committed(run, result.counts);
    const { records, rejected: rejects } = result.counts;
    committed.imported({ importId, files: files.length, records, rejects, after });
    run.generation?.committed();
    return result;
  }

  async #attempt(run: Run, attempt: Attempt): Promise<ImportResult> {
    try {
      return await this.#import(run, attempt);
    } catch (error) {
      const { signal } = this.#limits;
      if (signal.aborted || error instanceof UnknownOutcomeError) throw error;
      throw await run.readings.explain(error, signal, attempt.leftMs);
    }
  }

  async #import(run: Run, { number, leftMs }: Attempt): Promise<ImportResult> {
    const settled = await this.#settled(run, number);
    if (settled !== undefined) return { counts: settled, refused: [] };
    run.unsettled = false;
    run.tried = undefined;
    this.#giveBackRejects(run);
    const { importId, files, generation, straight } = run;
    await generation?.begin(number);
    const isolation = await this.#isolation(run);
    const timeLimitMs = Math.max(1, leftMs);
    using deadline = deadlineWithin(this.#limits.signal, Math.ceil(timeLimitMs) + GRACE_MS);
    return await importTransaction(this.#ports, this.#target, {
      importId,
      files,
      generation,
      number,
      ...this.#upserts.begin(run),
      straight,
      isolation,
      timeLimitMs,
      tries: (way) => {
        run.tried = way;
      },
      takeRejects: (count) => this.#takeRejects(run, count),
      signal: deadline.signal,
    });
  }

  async #isolation({ isolate, raised }: Run): Promise<IsolationTerms | undefined> {
    if (!isolate) return undefined;
    const { processId } = this.#target.writer;
    const [row] = await this.#ports.database.query<{ anyPassed: boolean }>(anyPassed(processId));
    const maxBad = this.#limits.rejects.left;
    return { maxBad, anyPassed: row?.anyPassed ?? false, raisedAreOfRecords: raised.ofRecords };
  }

  /** Before the commit: other imports and the encoder may have used the budget meanwhile. */
  #takeRejects(run: Run, count: number): boolean {
    if (!this.#limits.rejects.tryTake(count)) return false;
    run.taken = count;
    return true;
  }

  #giveBackRejects(run: Run): void {
    this.#limits.rejects.giveBack(run.taken);
    run.taken = 0;
  }

  /**
   * Takes the files; when they cannot be taken because a lost COMMIT had made them IMPORTED after all,
   * returns the counts that commit wrote. Reading back is the only way to know: never guess.
   */
  async #settled(run: Run, attempt: number): Promise<ImportCounts | undefined> {
    const { database } = this.#ports;
    const { writer } = this.#target;
    if (run.generation !== undefined) {
      // Nothing of its file is in the database but what an attempt has committed whose answer was lost.
      if (attempt === 1) return undefined;
      // That COMMIT may be under way still; it holds the task's row, and has ended once that can be held.
      if ((await database.execute(holdEpoch(writer))) !== 1) throw await lostTask(database, writer);
      return this.#readBack(run);
    }
    const fileIds = run.files.map((file) => file.fileId);
    const taken = await database.execute(
      takeFiles(writer, fileIds, this.#limits.committed.newestImports),
    );
    if (taken === run.files.length) {
      await failpoint('files-taken');
      return undefined;
    }
    const counts = await this.#readBack(run);
    if (counts !== undefined) return counts;
    throw await lostTask(database, writer);
  }

  /** What the import has committed; undefined when it has not. */
  async #readBack({ importId, files }: Run): Promise<ImportCounts | undefined> {
    const { database } = this.#ports;
    const { writer } = this.#target;
    const fileIds = files.map((file) => file.fileId);
    const imported = await database.query(importedFiles(writer, importId, fileIds));
    const [counts] = await database.query<ImportCounts>(readImport(writer.processId, importId));
    return imported.length === files.length ? counts : undefined;
  }

  /** What a failure means for the next attempt; what that one does otherwise is set in `run`. */
  #afterFailure(run: Run, error: unknown): RetryClass {
    const unknown = error instanceof UnknownOutcomeError;
    const failure = causeOf(error);
    run.unsettled ||= unknown;
    if (!run.unsettled) this.#giveBackRejects(run);
    // An aborted import, too, has to know what became of its COMMIT.
    if (this.#limits.signal.aborted) return unknown ? 'mended' : 'permanent';
    const code = failureCode(failure);
    if (this.#target.mode === 'update' && this.#upserts.doesOtherwise(run, code)) return 'mended';
    // Its next attempt waits for its turn.
    if (failure instanceof GaveWayError) return 'mended';
    const failed = failureClass(failure);
    if (run.tried === 'straight' && failed !== 'transient' && mayPassBehindRelation(failure)) {
      run.straight = false;
      // What a constraint refuses is refused there as well.
      if (code === undefined || classOf(code) !== SQLSTATE_CLASS.integrityConstraintViolation)
        return 'mended';
    }
    if (isolateAfter(run, failure, failed)) return 'mended';
    if (isStillRaised(run.raised, code)) return 'transient';
    if (failed !== 'transient') return 'permanent';
    if (code === SQLSTATE.externalRoutineException) afterProgramFailed(run, failure);
    if (code !== SQLSTATE.queryCanceled) run.reason = failure;
    return 'transient';
  }

  async #final(
    run: Run,
    error: unknown,
    { why, attempts }: { readonly why: GiveUp; readonly attempts: number },
  ): Promise<RelytError> {
    const { signal, rejects } = this.#limits;
    if (signal.aborted)
      return new RelytError('ABORTED', 'The import was aborted.', { cause: signal.reason });
    const failure = causeOf(error);
    if (why === 'time') {
      const seconds = this.#limits.importTimeoutSeconds;
      return importTimeout(run.reason ?? failure, { seconds, attempts }, this.#target);
    }
    const ending = { failure, refusal: run.refusal, line: await this.#lineOf(run, failure) };
    return (
      tooManyRefused(ending, rejects.limit, this.#target) ??
      importFailure(ending, run.files, this.#target)
    );
  }

  async #lineOf({ files }: Run, failure: unknown): Promise<number | undefined> {
    const record = recordNamedBy(failure);
    if (record === undefined) return undefined;
    const { processId } = this.#target.writer;
    const fileIds = files.map(({ fileId }) => fileId);
    return lineOfRecord(this.#ports.database, { processId, fileIds }, record);
  }
}

/** What broke the connection while COMMIT was under way. */
function causeOf(error: unknown): unknown {
  return error instanceof UnknownOutcomeError ? error.cause : error;
}
