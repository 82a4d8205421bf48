/** Steps that moves in one transaction and in several have in common. */

import { shownGroup } from '../core/shown-group.ts';
import { underRolePath } from '../database/role-path.ts';
import type { Transaction } from '../database/session.ts';
import type { Statement } from '../database/statement.ts';
import {
  anyLeft,
  anyMissing,
  anySurplus,
  anyUncopied,
  copyRows,
  deleteRows,
  deleteSurplus,
  dropFromDestination,
  dropFromSource,
  dropShadows,
  lockSides,
  moveRows,
} from '../database/statements/move.ts';
import type { GroupMove, KeyRange } from '../database/statements/move-parts.ts';
import {
  type MoveDirection,
  type MoveRow,
  movesOf,
  shadowedTable,
} from '../database/statements/move-row.ts';
import { routeGroup, tellRouting, unrouteGroup } from '../database/statements/routing.ts';
import { RelytError } from '../errors.ts';
import { type MigratedTable, sideName } from './migrated-table.ts';

export interface ConflictCounts {
  readonly replaced: number;
  readonly dropped: number;
}

/**
 * Of other groups on their way, the destination may hold a copy or a leftover of a row that has become one of this
 * group since: two loads at once leave it there. It never conflicts with the real one.
 */
export async function dropOthersShadows(
  transaction: Transaction,
  { mainTable, routed }: MigratedTable,
  move: GroupMove,
): Promise<void> {
  if (move.source.key.length === 0) return;
  const destination = move.destination.table === routed.main.name ? 'main' : 'auxiliary';
  const moves = await transaction.query<MoveRow>(movesOf(mainTable));
  const groups = moves
    .filter((one) => one.routing_id !== move.group && shadowedTable(one) === destination)
    .map((one) => one.routing_id);
  if (groups.length > 0) await changeRows(transaction, dropShadows(move, groups));
}

/** Afterwards no key of the group is in the destination any more. */
export async function resolveConflicts(
  transaction: Transaction,
  migrated: MigratedTable,
  move: GroupMove,
): Promise<ConflictCounts> {
  await lockWhereNeeded(transaction, migrated, move);
  if (move.source.key.length === 0) return { replaced: 0, dropped: 0 };
  await dropOthersShadows(transaction, migrated, move);
  return migrated.options.onConflict === 'update'
    ? { replaced: await changeRows(transaction, dropFromDestination(move)), dropped: 0 }
    : { replaced: 0, dropped: await changeRows(transaction, dropFromSource(move)) };
}

/** How often rows that others write in the same moment are moved, too; if rows are still missing then, something drops them. */
const MOST_PASSES = 3;

/**
 * Moves all rows of the group; returns how many. To be called after `resolveConflicts`, whose lock it needs.
 * @throws RelytError MIGRATION_REFUSED when a row is swallowed on its way, or stays
 */
export async function moveAllRows(
  transaction: Transaction,
  migrated: MigratedTable,
  move: GroupMove,
): Promise<number> {
  let moved = 0;
  for (let pass = 1; pass <= MOST_PASSES; pass++) {
    const { deleted, inserted } = await moveOnce(transaction, migrated, move);
    if (deleted !== inserted)
      throw rowsLost(migrated, move, `${deleted} rows were deleted and ${inserted} inserted`);
    moved += inserted;
    if (!(await isFound(transaction, anyLeft(move)))) return moved;
  }
  throw rowsLost(migrated, move, 'not all rows could be deleted where they were');
}

async function moveOnce(
  transaction: Transaction,
  { dialect }: MigratedTable,
  move: GroupMove,
): Promise<{ readonly deleted: number; readonly inserted: number }> {
  if (dialect.distributed) {
    const inserted = await changeRows(transaction, copyRows(move));
    return { inserted, deleted: await changeRows(transaction, deleteRows(move)) };
  }
  const [counts] = await underRolePath(transaction, () =>
    transaction.query<{ deleted: number; inserted: number }>(moveRows(move)),
  );
  if (counts === undefined) throw new RelytError('INTERNAL', 'A move returned no counts.');
  return counts;
}

/**
 * Copies a batch of the group, less what the destination has of it; returns how many rows.
 * @throws RelytError MIGRATION_REFUSED when a row is swallowed on its way
 */
export async function copyMissing(
  transaction: Transaction,
  migrated: MigratedTable,
  { move, range }: { readonly move: GroupMove; readonly range: KeyRange },
): Promise<number> {
  let copied = 0;
  for (let pass = 1; pass <= MOST_PASSES; pass++) {
    copied += await changeRows(transaction, copyRows(move, range));
    // A batch has no more rows than that.
    const isFull = copied >= migrated.options.batchRows;
    if (isFull || !(await isFound(transaction, anyUncopied(move, range)))) return copied;
  }
  throw rowsLost(migrated, move, 'not all rows arrived');
}

/**
 * Makes both sides hold the same keys of the group; returns by how many rows the destination has grown.
 * @throws RelytError MIGRATION_REFUSED when that cannot be had
 */
export async function makeAlike(
  transaction: Transaction,
  migrated: MigratedTable,
  move: GroupMove,
): Promise<number> {
  let grown = 0;
  for (let pass = 0; ; pass++) {
    const isMissing = await isFound(transaction, anyMissing(move));
    const isSurplus = await isFound(transaction, anySurplus(move));
    if (!isMissing && !isSurplus) return grown;
    if (pass === MOST_PASSES) {
      const what = isMissing ? 'not all rows arrived' : 'rows deleted meanwhile could not be';
      throw rowsLost(migrated, move, what);
    }
    if (isMissing) grown += await changeRows(transaction, copyRows(move));
    if (isSurplus) grown -= await changeRows(transaction, deleteSurplus(move));
  }
}

/** Runs a statement that may fire code of the two tables; returns the number of rows it touched. */
export function changeRows(transaction: Transaction, change: Statement): Promise<number> {
  return underRolePath(transaction, () => transaction.execute(change));
}

export async function isFound(transaction: Transaction, look: Statement): Promise<boolean> {
  const [row] = await transaction.query<{ found: boolean }>(look);
  return row?.found === true;
}

/** Something between the loader and the tables drops rows: the transaction must not commit. */
export function rowsLost(migrated: MigratedTable, move: GroupMove, what: string): RelytError {
  const table = migrated.mainTable;
  return new RelytError(
    'MIGRATION_REFUSED',
    `Could not move group ${shownGroup(move.group)} of ${table}: ${what}, so it was rolled back.`,
    {
      details: { table },
      hint: `Look for triggers or rules on ${sideName(migrated, 'main')} and ${sideName(migrated, 'auxiliary')} that drop rows or keep them from being deleted, and drop or disable them.`,
    },
  );
}

/** From here on the group lives in the destination. Returns false when it did before. */
export async function settleRoute(
  transaction: Transaction,
  { routed, mainTable }: MigratedTable,
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
  { dialect, routed }: MigratedTable,
  { source, destination }: GroupMove,
): Promise<void> {
  if (!dialect.distributed) return;
  // Always in the same order, whichever way the group goes.
  const mainFirst = source.table === routed.main.name;
  await transaction.execute(lockSides(mainFirst ? [source, destination] : [destination, source]));
}
