import type { Database } from '../database/database.ts';
import { beatMove, type MoveHolder, releaseMove } from '../database/statements/move-row.ts';

/** Beats in one lease: two may fail before it runs out. */
const BEATS_PER_LEASE = 3;

/**
 * Tells other migrations that this one is alive while a transaction of it takes long, or waits for an import. What
 * protects the data is the epoch, which every transaction of a move checks.
 */
export async function holdingLease<T>(
  database: Database,
  holder: MoveHolder & { readonly leaseSeconds: number },
  work: () => Promise<T>,
): Promise<T> {
  let beating: Promise<unknown> = Promise.resolve();
  // A beat that fails is no news: what is wrong with the database, the next transaction meets too.
  const tell = (statement: typeof beatMove) =>
    database.execute(statement(holder)).catch(() => undefined);
  const timer = setInterval(
    () => {
      beating = tell(beatMove);
    },
    (holder.leaseSeconds * 1000) / BEATS_PER_LEASE,
  );
  timer.unref();
  const stop = async () => {
    clearInterval(timer);
    await beating;
  };
  try {
    return await work();
  } catch (error) {
    await stop();
    // Whoever goes on with the move need not wait for the lease of a process that gave it up.
    await tell(releaseMove);
    throw error;
  } finally {
    await stop();
  }
}
