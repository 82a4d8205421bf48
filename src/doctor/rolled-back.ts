import type { Database } from '../database/database.ts';
import type { Transaction } from '../database/session.ts';

/** Thrown on purpose, so that the transaction is rolled back. */
class Undo<T> extends Error {
  readonly result: T;

  constructor(result: T) {
    super('rolled back on purpose');
    this.result = result;
  }
}

/** Runs `work` in a transaction and takes back everything it did, however it ends and even if this process dies. */
export async function rolledBack<T>(
  database: Database,
  work: (transaction: Transaction) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  try {
    return await database.transaction<never>(async (transaction) => {
      throw new Undo(await work(transaction));
    }, signal);
  } catch (error) {
    if (error instanceof Undo) return error.result as T;
    throw error;
  }
}
