import { Lease } from '../database/lease.ts';
import { anyCopied, deleteCopied } from '../database/statements/move.ts';
import { beatMove, deleteMove, releaseMove } from '../database/statements/move-row.ts';
import type { RelytError } from '../errors.ts';
import { failpoint } from '../failpoints.ts';
import { copiesLeft, isOfGroup, leftBehind, moveFailure } from './group-failure.ts';
import { advance, type HeldMove, mine, nextBatch } from './held-move.ts';
import {
  type MigratedTable,
  moveOfGroup,
  moveTransaction,
  routingTransaction,
} from './migrated-table.ts';
import {
  changeRows,
  copyMissing,
  dropOthersShadows,
  isFound,
  makeAlike,
  rowsLost,
  settleRoute,
} from './move-steps.ts';
import { noteFilled } from './note-moved.ts';
import { undoMove } from './undo-move.ts';

/** Called after every batch but the last one, with which the move is over. */
export type StepProgress = (step: 'copy' | 'clean', rows: number) => void;

/**
 * Continues a move where it stopped, to its end. In phase COPY the group lives in the source, and imports keep its
 * copy in the destination up to date; the flip changes where it lives; in phase CLEAN no query reads the source's rows
 * of it any more. Returns the rows that left the source, those of earlier processes included.
 */
export async function finishMove(
  migrated: MigratedTable,
  held: HeldMove,
  told: StepProgress,
): Promise<number> {
  const terms = { seconds: migrated.options.leaseSeconds, beat: beatMove(held) };
  const lease = new Lease(migrated.database, terms);
  try {
    if (held.phase === 'CLEAN') return await clean(migrated, held, told);
    await copyAndFlip(migrated, held, told);
    return await clean(migrated, { ...held, lastKey: null }, told);
  } catch (error) {
    await lease.release(releaseMove(held));
    throw error;
  } finally {
    await lease.stop();
  }
}

/**
 * A group that cannot be moved must not stay on its way: imports would write it twice for good.
 * Under the lease still, or another migration could take the move up in between.
 */
async function copyAndFlip(
  migrated: MigratedTable,
  held: HeldMove,
  told: StepProgress,
): Promise<void> {
  try {
    await copy(migrated, held, told);
    await flip(migrated, held);
  } catch (error) {
    const failure = moveFailure(migrated, held.group, error);
    if (!isOfGroup(failure)) throw error;
    await takeBack(migrated, held, failure);
    throw failure;
  }
}

async function takeBack(
  migrated: MigratedTable,
  held: HeldMove,
  failure: RelytError,
): Promise<void> {
  try {
    await undoMove(migrated, held);
  } catch (error) {
    const undo = moveFailure(migrated, held.group, error);
    throw isOfGroup(undo) ? copiesLeft(migrated, { held, failure, undo }) : error;
  }
}

async function copy(migrated: MigratedTable, held: HeldMove, told: StepProgress): Promise<void> {
  const { batchRows } = migrated.options;
  let total = held.rowsCopied;
  let after = held.lastKey;
  for (;;) {
    const range = await routingTransaction(migrated, async (transaction, now) => {
      const move = moveOfGroup(now, held.direction, held.group);
      const range = await nextBatch(transaction, move, { after, batchRows });
      const copied = await copyMissing(transaction, now, { move, range });
      await advance(transaction, held, {
        phase: 'COPY',
        copied,
        cleaned: 0,
        // After the last batch there is nothing to copy again but rows that came behind it.
        lastKey: range.upTo ?? after,
      });
      return { ...range, copied };
    });
    total += range.copied;
    await failpoint('move-batch-copied');
    told('copy', total);
    if (range.upTo === null) return;
    after = range.upTo;
  }
}

/** Makes the two sides hold the same keys of the group, and with that the group live in the destination. */
async function flip(migrated: MigratedTable, held: HeldMove): Promise<void> {
  await routingTransaction(migrated, async (transaction, now) => {
    const move = moveOfGroup(now, held.direction, held.group);
    await dropOthersShadows(transaction, now, move);
    const copied = await makeAlike(transaction, now, move);
    if (held.direction === 'to-auxiliary') await noteFilled(transaction, now);
    await settleRoute(transaction, now, held);
    await advance(transaction, held, { phase: 'CLEAN', copied, cleaned: 0, lastKey: null });
    await failpoint('move-before-flip');
  });
  await failpoint('move-flipped');
}

/** What fails here leaves the group where it lives now, whole. */
async function clean(migrated: MigratedTable, held: HeldMove, told: StepProgress): Promise<number> {
  try {
    return await cleanAll(migrated, held, told);
  } catch (error) {
    const failure = moveFailure(migrated, held.group, error);
    throw isOfGroup(failure) ? leftBehind(migrated, held, failure) : error;
  }
}

/** No routing lock: where the group lives does not change any more. */
async function cleanAll(
  migrated: MigratedTable,
  held: HeldMove,
  told: StepProgress,
): Promise<number> {
  const { batchRows } = migrated.options;
  let total = held.rowsCleaned;
  let after = held.lastKey;
  for (;;) {
    const range = await moveTransaction(migrated, async (transaction, now) => {
      const move = moveOfGroup(now, held.direction, held.group);
      const range = await nextBatch(transaction, move, { after, batchRows });
      const cleaned = await changeRows(transaction, deleteCopied(move, range));
      // Left there they would be taken for newer rows of the group by the next migration.
      if (await isFound(transaction, anyCopied(move, range)))
        throw rowsLost(now, move, 'not all of the rows left behind could be deleted');
      const lastKey = range.upTo;
      if (lastKey === null) await mine(transaction.execute(deleteMove(held)));
      else await advance(transaction, held, { phase: 'CLEAN', copied: 0, cleaned, lastKey });
      return { ...range, cleaned };
    });
    total += range.cleaned;
    await failpoint('move-batch-cleaned');
    if (range.upTo === null) return total;
    told('clean', total);
    after = range.upTo;
  }
}
