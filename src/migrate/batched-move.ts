import type { Transaction } from '../database/database.ts';
import {
  batchEnd,
  copyRows,
  deleteCopied,
  deleteSurplus,
  type GroupMove,
  type KeyRange,
} from '../database/statements/move.ts';
import {
  advanceMove,
  deleteMove,
  type MoveDirection,
  type MoveHolder,
  type MovePhase,
} from '../database/statements/move-row.ts';
import { RelytError } from '../errors.ts';
import { failpoint } from '../failpoints.ts';
import { holdingLease } from './move-lease.ts';
import { dropOthersShadows, route } from './move-steps.ts';
import {
  moveOfGroup,
  moveTransaction,
  routingTransaction,
  type TableWorld,
} from './table-world.ts';

/** A move of which this process holds the row in relyt_loader_move. */
export interface HeldMove extends MoveHolder {
  readonly direction: MoveDirection;
  readonly phase: MovePhase;
  readonly rowsTotal: number;
  readonly rowsCopied: number;
  readonly rowsCleaned: number;
  readonly lastKey: readonly string[] | null;
}

/** Told after every batch. */
export type StepProgress = (step: 'copy' | 'clean', rows: number) => void;

/** Another migration took the move over: this process was taken for dead. */
export class MoveLostError extends Error {}

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
  const { leaseSeconds } = world.options;
  return holdingLease(world.database, { ...held, leaseSeconds }, async () => {
    if (held.phase === 'CLEAN') return clean(world, held, told);
    await copy(world, held, told);
    await flip(world, held);
    return clean(world, { ...held, lastKey: null }, told);
  });
}

async function copy(world: TableWorld, held: HeldMove, told: StepProgress): Promise<void> {
  let total = held.rowsCopied;
  let after = held.lastKey;
  for (;;) {
    const range = await routingTransaction(world, async (transaction, now) => {
      const move = moveOfGroup(now, held.direction, held.group);
      const range = await nextBatch(transaction, now, { move, after });
      const copied = await transaction.execute(copyRows(move, range));
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
    const missing = await transaction.execute(copyRows(move));
    const surplus = await transaction.execute(deleteSurplus(move));
    await route(transaction, now, held);
    const copied = missing - surplus;
    await advance(transaction, held, { phase: 'CLEAN', copied, cleaned: 0, lastKey: null });
    await failpoint('move-before-flip');
  });
  await failpoint('move-flipped');
}

/** No routing lock: where the group lives does not change any more. */
async function clean(world: TableWorld, held: HeldMove, told: StepProgress): Promise<number> {
  let total = held.rowsCleaned;
  let after = held.lastKey;
  for (;;) {
    const range = await moveTransaction(world, async (transaction, now) => {
      const move = moveOfGroup(now, held.direction, held.group);
      const range = await nextBatch(transaction, now, { move, after });
      const cleaned = await transaction.execute(deleteCopied(move, range));
      if (range.upTo === null) await mine(transaction.execute(deleteMove(held)));
      else
        await advance(transaction, held, {
          phase: 'CLEAN',
          copied: 0,
          cleaned,
          lastKey: range.upTo,
        });
      return { ...range, cleaned };
    });
    total += range.cleaned;
    await failpoint('move-batch-cleaned');
    told('clean', total);
    if (range.upTo === null) return total;
    after = range.upTo;
  }
}

async function nextBatch(
  transaction: Transaction,
  world: TableWorld,
  { move, after }: { readonly move: GroupMove; readonly after: readonly string[] | null },
): Promise<KeyRange> {
  const [end] = await transaction.query<Record<string, string>>(
    batchEnd(move, after, world.options.batchRows),
  );
  if (end === undefined) return { after, upTo: null };
  return { after, upTo: move.source.key.map((_, n) => textAt(end, n)) };
}

function textAt(end: Record<string, string>, n: number): string {
  const text = end[`k${n}`];
  if (text === undefined) throw new RelytError('INTERNAL', 'a key of a batch has no value');
  return text;
}

async function advance(
  transaction: Transaction,
  held: MoveHolder,
  to: Parameters<typeof advanceMove>[1],
): Promise<void> {
  await mine(transaction.execute(advanceMove(held, to)));
}

async function mine(changed: Promise<number>): Promise<void> {
  if ((await changed) !== 1) throw new MoveLostError('another migration took the move over');
}
