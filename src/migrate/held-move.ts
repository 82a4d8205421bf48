/** A move of several transactions in the hands of this process, and what each of them does with its row. */

import type { Transaction } from '../database/session.ts';
import { batchEnd } from '../database/statements/move.ts';
import type { GroupMove, KeyRange } from '../database/statements/move-parts.ts';
import {
  advanceMove,
  type MoveDirection,
  type MoveHolder,
  type MovePhase,
} from '../database/statements/move-row.ts';
import { RelytError } from '../errors.ts';

/** A move of which this process holds the row in relyt_loader_move. */
export interface HeldMove extends MoveHolder {
  readonly direction: MoveDirection;
  readonly phase: MovePhase;
  readonly rowsTotal: number;
  readonly rowsCopied: number;
  readonly rowsCleaned: number;
  readonly lastKey: readonly string[] | null;
}

/** Another migration took the move over: this process was taken for dead. */
export class MoveLostError extends Error {}

/** @throws MoveLostError */
export async function advance(
  transaction: Transaction,
  held: MoveHolder,
  to: Parameters<typeof advanceMove>[1],
): Promise<void> {
  await mine(transaction.execute(advanceMove(held, to)));
}

/**
 * Waits for a change of the move's row, which only its holder can make.
 * @throws MoveLostError
 */
export async function mine(changed: Promise<number>): Promise<void> {
  if ((await changed) !== 1) throw new MoveLostError('another migration took the move over');
}

/** The next rows of the source, no more than `batchRows`; open at its end when they are the last ones. */
export async function nextBatch(
  transaction: Transaction,
  move: GroupMove,
  { after, batchRows }: { readonly after: KeyRange['after']; readonly batchRows: number },
): Promise<KeyRange> {
  const [end] = await transaction.query<Record<string, string>>(batchEnd(move, after, batchRows));
  if (end === undefined) return { after, upTo: null };
  return { after, upTo: move.source.key.map((_, n) => textAt(end, n)) };
}

function textAt(end: Record<string, string>, n: number): string {
  const text = end[`k${n}`];
  if (text === undefined) throw new RelytError('INTERNAL', 'A key of a batch has no value.');
  return text;
}
