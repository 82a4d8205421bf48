import { anyLeft, deleteRows } from '../database/statements/move.ts';
import { deleteMove, restartMove } from '../database/statements/move-row.ts';
import { failpoint } from '../failpoints.ts';
import { type HeldMove, mine, nextBatch } from './held-move.ts';
import { type MigratedTable, moveOfGroup, opposite, routingTransaction } from './migrated-table.ts';
import { changeRows, isFound, rowsLost } from './move-steps.ts';

/**
 * Takes back a move in phase COPY. The group lives in the source and is whole there; what the destination has of it
 * are copies, for a move begins by gathering all that is not a copy, and imports keep copying until the move's row is
 * gone. A process that dies in the middle leaves a move that has everything still to copy.
 * @throws MoveLostError
 */
export async function undoMove(migrated: MigratedTable, held: HeldMove): Promise<void> {
  const { batchRows } = migrated.options;
  let after: readonly string[] | null = null;
  do {
    after = await routingTransaction(migrated, async (transaction, now) => {
      await mine(transaction.execute(restartMove(held)));
      const copies = moveOfGroup(now, opposite(held.direction), held.group);
      const range = await nextBatch(transaction, copies, { after, batchRows });
      // The last time also those that imports have written where we had been before.
      const last = range.upTo === null;
      await changeRows(transaction, last ? deleteRows(copies) : deleteRows(copies, range));
      if (!last) return range.upTo;
      if (await isFound(transaction, anyLeft(copies)))
        throw rowsLost(now, copies, 'not all copies in the other table could be deleted');
      await mine(transaction.execute(deleteMove(held)));
      return null;
    });
    await failpoint('move-undo-batch');
  } while (after !== null);
}
