/** Steps that moves in one transaction and in several have in common. */

import type { Transaction } from '../database/database.ts';
import {
  copyRows,
  deleteRows,
  dropFromDestination,
  dropFromSource,
  dropShadows,
  type GroupMove,
  lockSides,
  moveRows,
} from '../database/statements/move.ts';
import {
  type MoveDirection,
  type MoveRow,
  movesOf,
  shadowedTable,
} from '../database/statements/move-row.ts';
import { routeGroup, tellRouting, unrouteGroup } from '../database/statements/routing.ts';
import { RelytError } from '../errors.ts';
import type { TableWorld } from './table-world.ts';

export interface ConflictCounts {
  readonly replaced: number;
  readonly dropped: number;
}

/**
 * Of other groups on their way, the destination may hold a copy or a left-over of a row that has become one of this
 * group since: two loads at once leave it there. It is no row that could be in conflict with the real one.
 */
export async function dropOthersShadows(
  transaction: Transaction,
  { mainTable, routed }: TableWorld,
  move: GroupMove,
): Promise<void> {
  if (move.source.key.length === 0) return;
  const destination = move.destination.table === routed.main.name ? 'main' : 'auxiliary';
  const moves = await transaction.query<MoveRow>(movesOf(mainTable));
  const groups = moves
    .filter((one) => one.routing_id !== move.group && shadowedTable(one) === destination)
    .map((one) => one.routing_id);
  if (groups.length > 0) await transaction.execute(dropShadows(move, groups));
}

/** Afterwards no key of the group is in the destination any more. */
export async function resolveConflicts(
  transaction: Transaction,
  world: TableWorld,
  move: GroupMove,
): Promise<ConflictCounts> {
  await lockWhereNeeded(transaction, world, move);
  if (move.source.key.length === 0) return { replaced: 0, dropped: 0 };
  await dropOthersShadows(transaction, world, move);
  return world.options.conflictMode === 'update'
    ? { replaced: await transaction.execute(dropFromDestination(move)), dropped: 0 }
    : { replaced: 0, dropped: await transaction.execute(dropFromSource(move)) };
}

/** Moves all rows of the group; returns how many. To be called after `resolveConflicts`, whose lock it needs. */
export async function moveAllRows(
  transaction: Transaction,
  world: TableWorld,
  move: GroupMove,
): Promise<number> {
  if (!world.dialect.distributed) return transaction.execute(moveRows(move));
  const copied = await transaction.execute(copyRows(move));
  const deleted = await transaction.execute(deleteRows(move));
  if (copied === deleted) return copied;
  throw new RelytError(
    'MIGRATION_REFUSED',
    `of group ${move.group} ${copied} rows were copied and ${deleted} deleted, so the move was rolled back`,
    {
      details: { table: world.mainTable },
      hint: 'Look for triggers or rules on the two tables that drop rows.',
    },
  );
}

/** From here on the group lives in the destination. Returns false when it did before. */
export async function route(
  transaction: Transaction,
  { routed, mainTable }: TableWorld,
  { direction, group }: { readonly direction: MoveDirection; readonly group: string },
): Promise<boolean> {
  const statement = direction === 'to-auxiliary' ? routeGroup : unrouteGroup;
  const changed = await transaction.execute(statement(routed.routing, group));
  await transaction.execute(tellRouting(mainTable));
  return changed > 0;
}

/**
 * Where a statement changes one table at a time, a row could be written between the copy and the deletion, and
 * deletions lock the whole table anyway.
 */
async function lockWhereNeeded(
  transaction: Transaction,
  { dialect, routed }: TableWorld,
  { source, destination }: GroupMove,
): Promise<void> {
  if (!dialect.distributed) return;
  // Always in the same order, whichever way the group goes.
  const mainFirst = source.table === routed.main.name;
  await transaction.execute(lockSides(mainFirst ? [source, destination] : [destination, source]));
}
