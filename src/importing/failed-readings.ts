import { suspectedBytes } from '../core/failed-reading.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import { failureCode } from '../database/database-error.ts';
import type { StagedReader } from '../engines/engine.ts';
import { RelytError } from '../errors.ts';
import { deadlineWithin } from './deadline.ts';
import type { ImportFile } from './import-file.ts';
import { inspectObjects } from './object-inspection.ts';

/** Shortest time that S3 is given to tell of the objects, even when that of the import is over. */
const LEAST_MS = 5_000;

/** The failed attempts of one import, as far as the bytes of its files may be their reason. */
export class FailedReadings {
  readonly #objects: StagedReader;
  readonly #files: readonly ImportFile[];
  #downloads = 0;
  /** Reading all of them costs as much as the import: once tells whether S3 has the right bytes. */
  #readWhole = false;

  constructor(objects: StagedReader, files: readonly ImportFile[]) {
    this.#objects = objects;
    this.#files = files;
  }

  /** What is wrong with the objects an attempt has read; the failure itself when that is nothing. */
  async explain(failure: unknown, signal: AbortSignal, leftMs: number): Promise<unknown> {
    const sqlstate = failureCode(failure);
    const code = failure instanceof RelytError ? failure.code : undefined;
    if (sqlstate === SQLSTATE.externalRoutineException) this.#downloads++;
    const suspicion = suspectedBytes({ sqlstate, code, downloads: this.#downloads });
    if (suspicion === 'none') return failure;
    const whole = suspicion === 'bytes' && !this.#readWhole;
    using deadline = deadlineWithin(signal, Math.max(leftMs, LEAST_MS));
    try {
      const options = { signal: deadline.signal, whole };
      const wrong = await inspectObjects(this.#objects, this.#files, options);
      this.#readWhole ||= whole;
      return wrong ?? failure;
    } catch {
      // S3 does not tell; by the failure itself it is decided whether there is another attempt.
      return failure;
    }
  }
}
