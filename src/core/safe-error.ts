import { inspect } from 'node:util';
import { type ErrorDetails, RelytError } from '../errors.ts';
import { redact } from './redaction.ts';

/** Causes of causes; a chain that is longer, or circular, ends here. */
const MOST_CAUSES = 8;

/**
 * The last gate before an error is thrown, reported or written down (G7): the error itself when nothing in it, its
 * causes included, must be hidden, and else a copy of which only what may be shown is left.
 */
export function withoutSecrets(error: RelytError): RelytError {
  if (!shows(error)) return error;
  const { code, message, hint, details, cause } = error;
  const copy = new RelytError(code, redact(message), {
    details: cleanDetails(details),
    hint: redact(hint),
    ...(cause === undefined ? {} : { cause: safeCause(cause) }),
  });
  if (error.stack !== undefined) copy.stack = redact(error.stack);
  return copy;
}

/**
 * A copy of what caused an error that keeps name, message, stack and code, and none of the other fields: they may
 * hold row data, statements, commands or requests.
 */
export function safeCause(cause: unknown, depth = 0): Error {
  if (cause instanceof RelytError) return withoutSecrets(cause);
  if (!(cause instanceof Error)) return new Error(redact(shownAs(cause)));
  const { name, message, stack, code } = cause as Error & { readonly code?: unknown };
  const copy = new Error(redact(message));
  copy.name = name;
  if (stack !== undefined) copy.stack = redact(stack);
  if (cause.cause !== undefined && depth < MOST_CAUSES)
    copy.cause = safeCause(cause.cause, depth + 1);
  return typeof code === 'string' ? Object.assign(copy, { code }) : copy;
}

/** Whether printing the error, however it is done, would show something that must stay hidden. */
function shows({ message, hint, details, cause }: RelytError): boolean {
  if ([message, hint, ...Object.values(details)].some(isSecretive)) return true;
  if (cause === undefined) return false;
  return cause instanceof RelytError ? shows(cause) : isSecretive(everythingOf(cause));
}

function isSecretive(text: unknown): boolean {
  return typeof text === 'string' && redact(text) !== text;
}

/** Of what others made; its own way of being printed might leave something out. */
function everythingOf(thrown: unknown): string {
  return inspect(thrown, {
    depth: 10,
    showHidden: true,
    showProxy: true,
    customInspect: false,
    maxStringLength: null,
    breakLength: Number.POSITIVE_INFINITY,
  });
}

function cleanDetails(details: ErrorDetails): ErrorDetails {
  const clean = Object.entries(details).map(([name, value]) => [
    name,
    typeof value === 'string' ? redact(value) : value,
  ]);
  return Object.fromEntries(clean) as ErrorDetails;
}

/** Of an object only its kind: what is in it is unknown. */
function shownAs(thrown: unknown): string {
  return typeof thrown === 'object' || typeof thrown === 'function'
    ? `something that is not an error: ${typeof thrown}`
    : String(thrown);
}
