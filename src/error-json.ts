/** An error as JSON: for logs and other processes, so nothing in it must be hidden (G7). */

import { redact } from './core/redaction.ts';
import type { ErrorCode, Retry } from './error-codes.ts';

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

/** What caused an error: never its other fields, which may hold rows, statements or requests. */
export interface CauseJson {
  readonly name: string;
  readonly message: string;
  /** SQLSTATE, errno name, or code of a RelytError; left out where there is none. */
  readonly code?: string;
  readonly cause?: CauseJson;
}

/** What `JSON.stringify` makes of a RelytError. */
export interface RelytErrorJson {
  readonly name: 'RelytError';
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly retry: Retry;
  readonly details: ErrorDetails;
  readonly cause?: CauseJson;
}

/** What is needed of an error, whichever copy of the package made it. */
type Told = Omit<RelytErrorJson, 'name' | 'cause'> & { readonly cause?: unknown };

/** Causes of causes; a chain that is longer, or circular, ends here. */
const MOST_CAUSES = 8;

export function asJson({ code, message, hint, retry, details, cause }: Told): RelytErrorJson {
  return {
    name: 'RelytError',
    code,
    message: redact(message),
    hint: redact(hint),
    retry,
    details: plainDetails(details),
    ...(cause === undefined ? {} : { cause: causeJson(cause, 1) }),
  };
}

function causeJson(cause: unknown, depth: number): CauseJson {
  if (!(cause instanceof Error)) return { name: 'Error', message: redact(shownValue(cause)) };
  const { name, message, code } = cause as Error & { readonly code?: unknown };
  const more = cause.cause !== undefined && depth < MOST_CAUSES;
  return {
    name: String(name),
    message: redact(String(message)),
    ...(typeof code === 'string' ? { code: redact(code) } : {}),
    ...(more ? { cause: causeJson(cause.cause, depth + 1) } : {}),
  };
}

/** Texts and numbers alone: an error that a caller made may hold anything, a bigint for instance. */
function plainDetails(details: ErrorDetails): ErrorDetails {
  const plain = Object.entries(details).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === 'string') return [[name, redact(value)]];
    return typeof value === 'number' || typeof value === 'boolean' ? [[name, value]] : [];
  });
  return Object.fromEntries(plain) as ErrorDetails;
}

/** Of an object only its kind: what is in it is not known. */
function shownValue(thrown: unknown): string {
  return typeof thrown === 'object' || typeof thrown === 'function'
    ? `something that is not an error: ${typeof thrown}`
    : String(thrown);
}
