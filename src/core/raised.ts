/**
 * Errors that a program of the table raises by RAISE, a trigger for example: their SQLSTATE is what the program chose,
 * and tells nothing of the server. Pure.
 */

import type { FailureClass } from './failure.ts';
import { SQLSTATE } from './sqlstate.ts';

/** The context of an error names the statement that raised it first. The word is the same in every language. */
export const RAISED_CONTEXT = '^[^\\n]*[^A-Za-z0-9_\\n]RAISE([^A-Za-z0-9_]|$)';
/** Blocks and functions of this package raise, too. */
export const OWN_CONTEXT = '^[^\\n]*(inline_code_block|relyt_sys[.])';
/** Our own, and damaged storage, which is never worked around: a trigger that raises these ends the task. */
export const KEPT_STATES = `^(RL|${SQLSTATE.dataCorrupted}|${SQLSTATE.indexCorrupted})`;

/** How many times an import tries again when a program raises what may pass by itself, for example a held lock. */
const TIMES_BELIEVED = 2;

const RAISED = new RegExp(RAISED_CONTEXT);
const OWN = new RegExp(OWN_CONTEXT);
const KEPT = new RegExp(KEPT_STATES);

/** What is known of the errors that an import met. */
export interface RaisedErrors {
  /** How many were raised with a SQLSTATE that passes by itself. */
  readonly count: number;
  /** An isolation takes what is raised for the fault of the record, whatever the SQLSTATE. */
  readonly ofRecords: boolean;
}

export const NONE_RAISED: RaisedErrors = { count: 0, ofRecords: false };

export interface RaisedFailure {
  readonly code: string | undefined;
  /** `where` of the error. */
  readonly context: string | undefined;
  readonly failed: FailureClass;
}

/** After another failure. Where `ofRecords` becomes true, the bad records are to be isolated. */
export function afterRaised(
  known: RaisedErrors,
  { code, context, failed }: RaisedFailure,
): RaisedErrors {
  const isSaid = failed === 'transient' || failed === 'permanent';
  if (known.ofRecords || !isSaid || code === undefined || !isRaised(code, context)) return known;
  const count = known.count + (failed === 'transient' ? 1 : 0);
  return { count, ofRecords: failed === 'permanent' || count > TIMES_BELIEVED };
}

/** An isolation found no record that passes: what was raised may pass after all. */
export function isStillRaised(
  { count, ofRecords }: RaisedErrors,
  code: string | undefined,
): boolean {
  return ofRecords && count > 0 && code === SQLSTATE.noRecordPasses;
}

function isRaised(code: string, context = ''): boolean {
  return RAISED.test(context) && !OWN.test(context) && !KEPT.test(code);
}
