import type { Transaction } from './session.ts';
import { TAKE_OWN_PATH, TAKE_ROLE_PATH_AFTER_TEMP, takeRolePath } from './session-rules.ts';
import type { Statement } from './statement.ts';

const takeRolePathAfterTemp = (): Statement => ({
  name: 'takeRolePathAfterTemp',
  text: `select ${TAKE_ROLE_PATH_AFTER_TEMP}`,
});

const takeOwnPath = (): Statement => ({ name: 'takeOwnPath', text: `select ${TAKE_OWN_PATH}` });

/**
 * Runs statements that fire code of the role's tables: triggers, defaults, checks of domains. That code sees the search
 * path the role would have had, so the SQL of `work` must look nothing up by it. A failure has ended the transaction,
 * and with it both paths.
 */
export function underRolePath<T>(transaction: Transaction, work: () => Promise<T>): Promise<T> {
  return underPath(transaction, takeRolePath(), work);
}

/** The same for functions of others that look a temporary table of ours up by its bare name. */
export function underRolePathAfterTemp<T>(
  transaction: Transaction,
  work: () => Promise<T>,
): Promise<T> {
  return underPath(transaction, takeRolePathAfterTemp(), work);
}

async function underPath<T>(
  transaction: Transaction,
  take: Statement,
  work: () => Promise<T>,
): Promise<T> {
  await transaction.execute(take);
  const result = await work();
  await transaction.execute(takeOwnPath());
  return result;
}
