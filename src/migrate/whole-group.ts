import { type MoveDirection, type MoveRow, moveOf } from '../database/statements/move-row.ts';
import { failpoint } from '../failpoints.ts';
import { type ConflictCounts, moveAllRows, resolveConflicts, route } from './move-steps.ts';
import { moveOfGroup, routingTransaction, type TableContext } from './table-context.ts';

export interface WholeGroup extends ConflictCounts {
  readonly rows: number;
}

/**
 * Moves a group in one transaction. Undefined when another migration has moved it meanwhile or is about to.
 * After it the group lives in the destination with all of its rows, or nothing has happened.
 */
export async function moveWholeGroup(
  context: TableContext,
  direction: MoveDirection,
  group: string,
): Promise<WholeGroup | undefined> {
  const moved = await routingTransaction(context, async (transaction, now) => {
    const others = await transaction.query<MoveRow>(moveOf(now.mainTable, group));
    if (others.length > 0) return undefined;
    const move = moveOfGroup(now, direction, group);
    const conflicts = await resolveConflicts(transaction, now, move);
    const rows = await moveAllRows(transaction, now, move);
    const isNews = await route(transaction, now, { direction, group });
    await failpoint('move-before-commit');
    return isNews || rows + conflicts.dropped > 0 ? { rows, ...conflicts } : undefined;
  });
  await failpoint('move-committed');
  return moved;
}
