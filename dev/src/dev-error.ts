/** What went wrong, in a word that programs can compare. */
export type RelytDevErrorCode =
  /** PostgreSQL or the S3 server could not be started. */
  | 'DEV_SERVER_UNAVAILABLE'
  /** An option cannot be used. */
  | 'DEV_OPTION_INVALID';

interface RelytDevErrorOptions {
  /** What to do about it. */
  readonly hint: string;
  readonly cause?: unknown;
}

/** Every error this package throws on purpose. */
export class RelytDevError extends Error {
  readonly code: RelytDevErrorCode;
  readonly hint: string;

  constructor(code: RelytDevErrorCode, message: string, { hint, cause }: RelytDevErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
  }
}
// On the prototype: it is the same for all of them, and never shows as an own property.
Object.defineProperty(RelytDevError.prototype, 'name', { value: 'RelytDevError' });
