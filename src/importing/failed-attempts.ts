import type { FailureClass } from '../core/failure.ts';
import { afterRaised, NONE_RAISED, type RaisedErrors } from '../core/raised.ts';
import { isSqlstate, SQLSTATE } from '../core/sqlstate.ts';
import { classifyError, failureCode } from '../database/database-error.ts';
import { RelytError } from '../errors.ts';
import { BudgetSpentError } from './import-attempt.ts';

/** What the failed attempts of an import have told. */
export interface FailedAttempts {
  /** A record was refused, or may have been: the bad ones are to be isolated. */
  isolate: boolean;
  /** The failure for which the bad records are isolated: what a task fails with when none of them is to blame. */
  refusal: unknown;
  raised: RaisedErrors;
  /** A program has failed, which may be a download. */
  programFailed: boolean;
}

export const noFailedAttempts = (): FailedAttempts => ({
  isolate: false,
  refusal: undefined,
  raised: NONE_RAISED,
  programFailed: false,
});

/**
 * A program that failed is the download, or a trigger in a language of its own. When it fails again, the next attempt
 * isolates: it writes no row before all files are read. A download that fails then is none of a record.
 */
export function afterProgramFailed(run: FailedAttempts, failure: unknown): void {
  run.isolate = !run.isolate && run.programFailed;
  run.programFailed = true;
  run.refusal = run.isolate ? failure : undefined;
}

/** Has the next attempt isolate where the failure may be of a record. Returns whether it does so because of this one. */
export function isolateAfter(run: FailedAttempts, failure: unknown, failed: FailureClass): boolean {
  const { where } = failure as { readonly where?: string };
  const before = run.raised;
  run.raised = afterRaised(before, { code: failureCode(failure), context: where, failed });
  const mayBeOfRecord = (failed !== 'transient' && failed !== 'permanent') || isMiscount(failure);
  const judgesRaised = run.raised.ofRecords && !before.ofRecords;
  if (!judgesRaised && (run.isolate || !mayBeOfRecord)) return false;
  run.isolate = true;
  run.refusal = failure;
  return true;
}

/** Rows were swallowed, or never came: an isolation counts what came before it applies it. */
function isMiscount(failure: unknown): boolean {
  return failure instanceof RelytError && failure.code === 'COUNT_MISMATCH';
}

/** A failure of COPY into the target that an import through a relation might not meet: rows are swallowed, COPY is refused … */
export function mayPassBehindRelation(failure: unknown): boolean {
  if (failure instanceof RelytError) return isMiscount(failure);
  return isSqlstate(failureCode(failure) ?? '');
}

export function failureClass(failure: unknown): FailureClass {
  if (failure instanceof BudgetSpentError) return 'transient';
  // The cancellation our own time limit caused is transient here: the deadline check then reports the timeout.
  return failureCode(failure) === SQLSTATE.queryCanceled ? 'transient' : classifyError(failure);
}
