/** The one error class of this package; `error-codes.ts` says what each code means. */

import { ERROR_CODES, type ErrorCode, type Retry } from './error-codes.ts';
import { asJson, type ErrorDetails, type RelytErrorJson } from './error-json.ts';
import { shellWord } from './shell-word.ts';

export { ERROR_CODES, type ErrorCode, type Retry } from './error-codes.ts';
export type { CauseJson, ErrorDetails, RelytErrorJson } from './error-json.ts';

export interface RelytErrorOptions {
  readonly details?: ErrorDetails;
  /** Replaces the code's own hint. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** Every copy of this package recognises the errors of the others by it. */
const BRAND = Symbol.for('relyt-sdk.RelytError');

/**
 * Every error this package throws.
 *
 * @example
 * ```ts
 * import { RelytError } from 'relyt-sdk';
 *
 * function report(error: unknown): void {
 *   if (RelytError.is(error)) console.error(error.code, error.message, error.hint);
 * }
 * ```
 */
export class RelytError extends Error {
  /** What went wrong: a stable name, see `ERROR_CODES`. */
  readonly code: ErrorCode;
  /** What to do about it, in a sentence. */
  readonly hint: string;
  /** Where it happened, as far as it is known. */
  readonly details: ErrorDetails;

  /**
   * Whether this is an error of this package, from any copy of it: a program may contain several copies, and
   * `instanceof` only knows the errors of one.
   *
   * @example
   * ```ts
   * import { RelytError } from 'relyt-sdk';
   *
   * const isWorthAnotherTry = (error: unknown) => RelytError.is(error) && error.retry === 'auto';
   * ```
   */
  static is(value: unknown): value is RelytError {
    return value instanceof Error && BRAND in value;
  }

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

  /**
   * What a retry can achieve: 'auto' means that the same call may succeed later, 'manual' that it may succeed once you
   * have acted on the hint, and 'never' that it fails again.
   */
  get retry(): Retry {
    return ERROR_CODES[this.code].retry;
  }

  /** Plain JSON for logs and other processes, without secrets, the stack, and the fields of the cause. */
  toJSON(): RelytErrorJson {
    return asJson(this);
  }

  /** The same error with more details about its place; details that it already has stay. */
  at(details: ErrorDetails): RelytError {
    return new RelytError(this.code, this.message, {
      details: { ...details, ...this.details },
      hint: this.hint,
      cause: this.cause,
    });
  }
}
// On the prototype, so that it costs nothing per error and never shows as an own property.
Object.defineProperties(RelytError.prototype, {
  name: { value: 'RelytError' },
  [BRAND]: { value: true },
});
