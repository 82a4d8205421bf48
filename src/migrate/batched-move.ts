import { Lease } from '../database/lease.ts';
import { anyCopied, deleteCopied } from '../database/statements/move.ts';
import { beatMove, deleteMove, releaseMove } from '../database/statements/move-row.ts';
import type { RelytError } from '../errors.ts';
import { failpoint } from '../failpoints.ts';
import { copiesLeft, isOfGroup, leftBehind, moveFailure } from './group-failure.ts';
import { advance, type HeldMove, mine, nextBatch } from './held-move.ts';
import {
  copyMissing,
  dropOthersShadows,
  isFound,
  makeAlike,
  route,
  rowsLost,
} from './move-steps.ts';
import {
  moveOfGroup,
  moveTransaction,
  routingTransaction,
  type TableWorld,
} from './table-world.ts';
import { undoMove } from './undo-move.ts';

/** Told after every batch but the last one, with which the move is over. */
export type StepProgress = (step: 'copy' | 'clean', rows: number) => void;

/**
 * Goes on with a move where it stands, to its end. In phase COPY the group lives in the source, and imports keep its
 * copy in the destination up to date; the flip changes where it lives; in phase CLEAN nobody reads the source's rows
 * of it any more. Returns the rows that left the source, those of earlier processes included.
 */
export async function finishMove(
  world: TableWorld,
  held: HeldMove,
  told: StepProgress,
): Promise<number> {
  const terms = { seconds: world.options.leaseSeconds, beat: beatMove(held) };
  const lease = new Lease(world.database, terms);
  try {
    if (held.phase === 'CLEAN') return await clean(world, held, told);
    await copyAndFlip(world, held, told);
    return await clean(world, { ...held, lastKey: null }, told);
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
async function copyAndFlip(world: TableWorld, held: HeldMove, told: StepProgress): Promise<void> {
  try {
    await copy(world, held, told);
    await flip(world, held);
  } catch (error) {
    const failure = moveFailure(world, held.group, error);
    if (!isOfGroup(failure)) throw error;
    await takeBack(world, held, failure);
    throw failure;
  }
}

async function takeBack(world: TableWorld, held: HeldMove, failure: RelytError): Promise<void> {
  try {
    await undoMove(world, held);
  } catch (error) {
    const undo = moveFailure(world, held.group, error);
    throw isOfGroup(undo) ? copiesLeft(world, { held, failure, undo }) : error;
  }
}

async function copy(world: TableWorld, held: HeldMove, told: StepProgress): Promise<void> {
  const { batchRows } = world.options;
  let total = held.rowsCopied;
  let after = held.lastKey;
  for (;;) {
    const range = await routingTransaction(world, async (transaction, now) => {
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
async function flip(world: TableWorld, held: HeldMove): Promise<void> {
  await routingTransaction(world, async (transaction, now) => {
    const move = moveOfGroup(now, held.direction, held.group);
    await dropOthersShadows(transaction, now, move);
    const copied = await makeAlike(transaction, now, move);
    await route(transaction, now, held);
    await advance(transaction, held, { phase: 'CLEAN', copied, cleaned: 0, lastKey: null });
    await failpoint('move-before-flip');
  });
  await failpoint('move-flipped');
}

/** What fails here leaves the group where it lives now, whole. */
async function clean(world: TableWorld, held: HeldMove, told: StepProgress): Promise<number> {
  try {
    return await cleanAll(world, held, told);
  } catch (error) {
    const failure = moveFailure(world, held.group, error);
    throw isOfGroup(failure) ? leftBehind(world, held, failure) : error;
  }
}

/** No routing lock: where the group lives does not change any more. */
async function cleanAll(world: TableWorld, held: HeldMove, told: StepProgress): Promise<number> {
  const { batchRows } = world.options;
  let total = held.rowsCleaned;
  let after = held.lastKey;
  for (;;) {
    const range = await moveTransaction(world, async (transaction, now) => {
      const move = moveOfGroup(now, held.direction, held.group);
      const range = await nextBatch(transaction, move, { after, batchRows });
      const cleaned = await transaction.execute(deleteCopied(move, range));
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
