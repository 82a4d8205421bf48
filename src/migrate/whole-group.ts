import { type MoveDirection, type MoveRow, moveOf } from '../database/statements/move-row.ts';
import { failpoint } from '../failpoints.ts';
import { type MigratedTable, moveOfGroup, routingTransaction } from './migrated-table.ts';
import { type ConflictCounts, moveAllRows, resolveConflicts, settleRoute } from './move-steps.ts';
import { noteFilled } from './note-moved.ts';

export interface WholeGroup extends ConflictCounts {
  readonly rows: number;
}

/**
 * Moves a group in one transaction. Undefined when another migration has moved it meanwhile or is about to.
 * After it the group lives in the destination with all of its rows, or nothing has happened.
 */
export async function moveWholeGroup(
  migrated: MigratedTable,
  direction: MoveDirection,
  group: string,
): Promise<WholeGroup | undefined> {
  const moved = await routingTransaction(migrated, async (transaction, now) => {
    const others = await transaction.query<MoveRow>(moveOf(now.mainTable, group));
    if (others.length > 0) return undefined;
    const move = moveOfGroup(now, direction, group);
    const conflicts = await resolveConflicts(transaction, now, move);
    const rows = await moveAllRows(transaction, now, move);
    const changed = rows + conflicts.dropped > 0;
    if (direction === 'to-auxiliary' && changed) await noteFilled(transaction, now);
    const isNews = await settleRoute(transaction, now, { direction, group });
    await failpoint('move-before-commit');
    return isNews || changed ? { rows, ...conflicts } : undefined;
  });
  await failpoint('move-committed');
  return moved;
}
