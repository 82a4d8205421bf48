import { NEVER_OF_A_RECORD } from '../core/failure.ts';
import type { Lines } from '../database/do-block.ts';
import { literal } from '../database/statement.ts';

/** Conditions of PL/pgSQL under which a record may be at fault; `others` leaves out a cancellation, and a failed ASSERT. */
export const REFUSALS = "others or sqlstate 'P0004'";

/** PL/pgSQL, in a handler: what no record causes goes on as it is. `bad_code` is the SQLSTATE. */
export const PASS_ON_WHAT_NO_RECORD_CAUSES: Lines = [
  `if bad_code operator(pg_catalog.~) ${literal(NEVER_OF_A_RECORD)} then raise; end if;`,
];
