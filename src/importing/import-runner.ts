import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../core/backoff.ts';
import { classifyFailure } from '../core/failure.ts';
import type { ImportCounts } from '../core/import-counts.ts';
import { UnknownOutcomeError } from '../database/database.ts';
import { databaseError, failureCode } from '../database/database-error.ts';
import { importedFiles, takeFiles } from '../database/statements/file.ts';
import { readImport } from '../database/statements/import.ts';
import { RelytError } from '../errors.ts';
import {
  type ImportFile,
  type ImportPorts,
  type ImportTarget,
  importTransaction,
} from './import-transaction.ts';

/** INSERT … ON CONFLICT DO UPDATE met a key twice in one statement. */
const KEY_TWICE = '21000';
const UNIQUE_VIOLATION = '23505';
const QUERY_CANCELLED = '57014';

export interface RunnerLimits {
  /** Seconds an import may take in all, retries included. */
  readonly importTimeoutSeconds: number;
  /** Longest pause between two attempts, in seconds. */
  readonly importErrorSleepSeconds: number;
  readonly signal: AbortSignal;
}

/** Brings one import to its end: commits it once, or throws why it cannot be. Retries what may pass. */
export class ImportRunner {
  readonly #ports: ImportPorts;
  readonly #target: ImportTarget;
  readonly #limits: RunnerLimits;
  /** Set for good by the first import in which a key stood twice: the next ones will look alike. */
  #reduceKeys = false;

  constructor(ports: ImportPorts, target: ImportTarget, limits: RunnerLimits) {
    this.#ports = ports;
    this.#target = target;
    this.#limits = limits;
  }

  async run(importId: number, files: readonly ImportFile[]): Promise<ImportCounts> {
    const deadline = performance.now() + this.#limits.importTimeoutSeconds * 1000;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(importId, files, deadline);
      } catch (error) {
        const failure = error instanceof UnknownOutcomeError ? error.cause : error;
        await this.#beforeRetry({ failure, attempt, deadline, files });
      }
    }
  }

  async #attempt(
    importId: number,
    files: readonly ImportFile[],
    deadline: number,
  ): Promise<ImportCounts> {
    const settled = await this.#settled(importId, files);
    if (settled !== undefined) return settled;
    const timeLimitMs = Math.max(1, deadline - performance.now());
    const reduceKeys = this.#reduceKeys;
    return importTransaction(this.#ports, this.#target, {
      importId,
      files,
      reduceKeys,
      timeLimitMs,
    });
  }

  /**
   * Takes the files; when one of them cannot be taken because a lost COMMIT had made it IMPORTED after all,
   * returns the counts that commit wrote. Reading back is the only way to know: never guess.
   */
  async #settled(
    importId: number,
    files: readonly ImportFile[],
  ): Promise<ImportCounts | undefined> {
    const { processId } = this.#target;
    const fileIds = files.map((file) => file.fileId);
    const taken = await this.#ports.database.execute(takeFiles(processId, fileIds));
    if (taken === files.length) return undefined;
    const imported = await this.#ports.database.query(importedFiles(processId, fileIds));
    const [counts] = await this.#ports.database.query<ImportCounts>(
      readImport(processId, importId),
    );
    if (imported.length === files.length && counts !== undefined) return counts;
    throw new RelytError(
      'LEASE_LOST',
      `${files.length - taken} of ${files.length} files are no longer this process's`,
      {
        details: { processId },
      },
    );
  }

  /** Waits when another attempt makes sense; throws what the caller is to be told when not. */
  async #beforeRetry(failed: {
    readonly failure: unknown;
    readonly attempt: number;
    readonly deadline: number;
    readonly files: readonly ImportFile[];
  }): Promise<void> {
    const { failure, attempt, deadline, files } = failed;
    const code = failureCode(failure);
    if (code === KEY_TWICE && this.#target.mode === 'update' && !this.#reduceKeys) {
      this.#reduceKeys = true;
      return;
    }
    if (this.#limits.signal.aborted)
      throw new RelytError('ABORTED', 'the import was aborted', { cause: failure });
    if (!isTransient(failure, code)) throw this.#explained(failure, files);
    const left = deadline - performance.now();
    const pause = backoffMs(
      attempt,
      { baseMs: 200, maxMs: this.#limits.importErrorSleepSeconds * 1000 },
      Math.random(),
    );
    if (left <= pause) throw this.#timedOut(failure, attempt);
    await delay(pause, undefined, { signal: this.#limits.signal }).catch(() => undefined);
  }

  #timedOut(failure: unknown, attempts: number): RelytError {
    const last = databaseError(failure, 'import');
    const seconds = this.#limits.importTimeoutSeconds;
    return new RelytError(
      'IMPORT_TIMEOUT',
      `the import did not succeed within ${seconds} s (${attempts} attempts); the last failure: ${last.message}`,
      { details: { ...last.details, processId: this.#target.processId }, cause: last },
    );
  }

  #explained(failure: unknown, files: readonly ImportFile[]): RelytError {
    const { processId, table, mode } = this.#target;
    const shown = `${table.schema}.${table.name}`;
    const first = files[0];
    const fileId = first === undefined ? {} : { fileId: String(first.fileId) };
    const error = databaseError(failure, `import ${files.length} staged file(s) into ${shown}`, {
      processId,
      table: shown,
      ...fileId,
    });
    if (error.details.sqlstate !== UNIQUE_VIOLATION || mode === 'insert') return error;
    return new RelytError('IMPORT_REFUSED', error.message, {
      details: error.details,
      hint: 'Another unique constraint than the primary key refuses a record; onConflict looks at the primary key only.',
      cause: error.cause,
    });
  }
}

/** The cancellation our own time limit caused is transient here: the deadline check then reports the time-out. */
function isTransient(failure: unknown, code: string | undefined): boolean {
  if (failure instanceof RelytError && code === undefined) {
    return failure.code === 'DATABASE_UNREACHABLE' || failure.code.startsWith('S3_UN');
  }
  return code === QUERY_CANCELLED || classifyFailure(code) === 'transient';
}
