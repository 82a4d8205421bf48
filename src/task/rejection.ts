import { NOT_KEPT } from '../core/kept-records.ts';
import { withoutSecrets } from '../core/safe-error.ts';
import type { Reject } from '../database/statements/reject.ts';
import { publish } from '../diagnostics/channels.ts';
import type { RejectMessage } from '../diagnostics/messages.ts';
import { RelytError } from '../errors.ts';
import { keptRecord } from './kept-record.ts';
import { type LoadPlan, targetName } from './plan-load.ts';

/** A record as it was handed over; refused, before it was staged. */
export interface RefusedInput {
  readonly record: unknown;
  /** Undefined when it was refused before it got one. */
  readonly ordinal?: number | undefined;
  /** Of the call that brought it; undefined when that gave none. */
  readonly position: unknown;
  /** Its line in the source; undefined when that is not known. */
  readonly line?: number | undefined;
}

/** The row that keeps a record which could not be encoded. */
export function rejectOf(
  error: RelytError,
  { record, position, line }: RefusedInput,
  ordinal: number,
): Reject {
  const kept = keptRecord(record);
  return {
    ordinal,
    position: position === undefined ? null : JSON.stringify(position),
    line: line ?? error.details.line ?? null,
    stage: 'encode',
    code: error.code,
    column: error.details.column ?? null,
    reason: kept === 'too long' ? `${error.message} ${NOT_KEPT}` : error.message,
    record: kept === 'too long' ? null : kept.json,
  };
}

/** For subscribers of diagnostics channels. */
export function publishReject(
  plan: LoadPlan,
  reject: Pick<RejectMessage, 'record' | 'stage' | 'error'>,
): void {
  publish('relyt:reject', () => ({
    processId: plan.processId,
    table: targetName(plan),
    ...reject,
    error: withoutSecrets(reject.error),
  }));
}

/** What the caller is told when one rejected record too many was met; where none is tolerated, what is wrong with it. */
export function rejectLimitError(last: RelytError, limit: number): RelytError {
  if (limit === 0) return last;
  return new RelytError(
    'REJECT_LIMIT_EXCEEDED',
    `${last.message} More than ${limit} records were rejected (maxErrorRecords).`,
    { details: last.details, cause: last },
  );
}
