import { NEVER_OF_A_RECORD } from '../core/failure.ts';
import { KEPT_STATES, OWN_CONTEXT, RAISED_CONTEXT } from '../core/raised.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import type { Lines } from '../database/do-block.ts';
import { literal } from '../database/statement.ts';

/** Conditions of PL/pgSQL under which a record may be at fault: `others` leaves out a cancellation, and a failed ASSERT. */
export const REFUSALS = "others or sqlstate 'P0004'";

export function refusals(raisedAreOfRecords: boolean): string {
  return raisedAreOfRecords ? `${REFUSALS} or sqlstate '${SQLSTATE.queryCanceled}'` : REFUSALS;
}

/** PL/pgSQL, in a handler: what no record causes goes on as it is. `bad_code` is the SQLSTATE. */
export function passOnWhatNoRecordCauses(raisedAreOfRecords: boolean): Lines {
  const never = `bad_code operator(pg_catalog.~) ${literal(NEVER_OF_A_RECORD)}`;
  if (!raisedAreOfRecords) return [`if ${never} then raise; end if;`];
  return [
    `if ${never} and (bad_code operator(pg_catalog.~) ${literal(KEPT_STATES)}`,
    `    or bad_context operator(pg_catalog.!~) ${literal(RAISED_CONTEXT)}`,
    `    or bad_context operator(pg_catalog.~) ${literal(OWN_CONTEXT)}) then raise; end if;`,
  ];
}
