/** The one error class of this package; `error-codes.ts` says what each code means. */

import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import { shellWord } from './shell-word.ts';

export { ERROR_CODES, type ErrorCode, type Retry } from './error-codes.ts';

/** Where an error happened, as far as it is known. Never holds secrets or values of records. */
export interface ErrorDetails {
  readonly processId?: string;
  readonly fileId?: string;
  /** Ordinal of the record: its 1-based number within the task. */
  readonly record?: number;
  /** Records of the call that were taken before it ended. */
  readonly records?: number;
  readonly column?: string;
  readonly table?: string;
  /** The constraint of the table that refuses the record. */
  readonly constraint?: string;
  /** Row triggers of the table in which the record was refused, as SQL spells them. */
  readonly trigger?: string;
  /** Policies of the table's row security that apply to it, as SQL spells them; `none` where none does. */
  readonly policies?: string;
  readonly sqlstate?: string;
  readonly s3Error?: string;
  /** Line number in an input file, 1-based. */
  readonly line?: number;
  readonly expected?: string;
  readonly got?: string;
}

export interface RelytErrorOptions {
  readonly details?: ErrorDetails;
  /** Replaces the code's own hint. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * Every error this package throws.
 *
 * @example
 * ```ts
 * import { RelytError } from 'relyt-sdk';
 *
 * function report(error: unknown): void {
 *   if (error instanceof RelytError) console.error(error.code, error.message, error.hint);
 * }
 * ```
 */
export class RelytError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: RelytErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
    const hint = options.hint ?? ERROR_CODES[code].hint;
    // A command in a hint can be run as it stands once the task is known.
    const { processId } = this.details;
    this.hint =
      processId === undefined ? hint : hint.replaceAll('PROCESS_ID', () => shellWord(processId));
  }

  /** The same error with more of its place known; what it already says stays. */
  at(details: ErrorDetails): RelytError {
    return new RelytError(this.code, this.message, {
      details: { ...details, ...this.details },
      hint: this.hint,
      cause: this.cause,
    });
  }
}
// On the prototype, so that it costs nothing per error and never shows as an own property.
Object.defineProperty(RelytError.prototype, 'name', { value: 'RelytError' });
