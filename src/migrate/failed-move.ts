/** What the failure of a move's transaction means for another attempt. Pure. */

import type { RetryClass } from '../core/retry-policy.ts';
import { classOf, SQLSTATE, SQLSTATE_CLASS } from '../core/sqlstate.ts';

/**
 * After a serialisation failure or a deadlock nothing has happened, and the same again may go through. Greenplum's
 * deadlock detector says that it cancelled the statement. A key that another session wrote past the routing in the same
 * moment is seen by the second attempt; another unique column is not.
 */
export function afterFailedMove(sqlstate: string | undefined, attempt: number): RetryClass {
  if (sqlstate === SQLSTATE.uniqueViolation) return attempt === 1 ? 'transient' : 'permanent';
  const mayPass =
    sqlstate === SQLSTATE.queryCanceled ||
    classOf(sqlstate ?? '') === SQLSTATE_CLASS.transactionRollback;
  return mayPass ? 'transient' : 'permanent';
}
