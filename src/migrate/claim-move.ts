import type { Transaction } from '../database/session.ts';
import { dropFromSource } from '../database/statements/move.ts';
import {
  insertMove,
  type MoveDirection,
  type MoveRow,
  moveOf,
  takeMove,
} from '../database/statements/move-row.ts';
import { isRouted } from '../database/statements/routing.ts';
import { failpoint } from '../failpoints.ts';
import type { HeldMove } from './held-move.ts';
import { type MigratedTable, moveOfGroup, opposite, routingTransaction } from './migrated-table.ts';
import { type ConflictCounts, changeRows, moveAllRows, resolveConflicts } from './move-steps.ts';
import { noteFilled } from './note-moved.ts';

export interface MoveWanted {
  readonly direction: MoveDirection;
  readonly group: string;
  /** Rows of the group, about. */
  readonly rows: number;
}

export interface BegunMove extends ConflictCounts {
  readonly held: HeldMove;
}

/**
 * Records that a group is going to move in several transactions; from its commit on, imports write what they touch of
 * the group to both tables. Afterwards all of the group is in the source and nothing of it in the destination.
 * Undefined when another migration has moved it meanwhile or is about to.
 */
export async function beginMove(
  migrated: MigratedTable,
  wanted: MoveWanted,
): Promise<BegunMove | undefined> {
  const { direction, group, rows } = wanted;
  const { mainTable, owner, options } = migrated;
  const begun = await routingTransaction(migrated, async (transaction, now) => {
    const others = await transaction.query<MoveRow>(moveOf(mainTable, group));
    const [row] = await transaction.query<{ routed: boolean }>(isRouted(now.routed.routing, group));
    const livesInSource = row?.routed === (direction === 'to-main');
    if (others.length > 0 || !livesInSource) return undefined;
    const move = moveOfGroup(now, direction, group);
    const conflicts = await resolveConflicts(transaction, now, move);
    const strays = await gatherStrays(transaction, now, wanted);
    // What left the main table here is in the auxiliary one only.
    const leftMain =
      direction === 'to-main'
        ? conflicts.replaced + strays.dropped + strays.moved
        : conflicts.dropped;
    if (leftMain > 0) await noteFilled(transaction, now);
    const holder = { mainTable, group, epoch: 1 };
    const { leaseSeconds } = options;
    await transaction.execute(insertMove({ ...holder, direction, owner, leaseSeconds, rows }));
    return { conflicts: { ...conflicts, dropped: conflicts.dropped + strays.dropped }, holder };
  });
  if (begun === undefined) return undefined;
  await failpoint('move-recorded');
  const fresh = { phase: 'COPY', rowsCopied: 0, rowsCleaned: 0, lastKey: null } as const;
  return {
    held: { ...begun.holder, ...fresh, direction, rowsTotal: rows },
    ...begun.conflicts,
  };
}

/**
 * Rows of the group that are in the destination though it does not live there: the flip would take them for copies
 * and delete them. One with a key that another group has in the source is dropped, that row is the one readers see.
 */
async function gatherStrays(
  transaction: Transaction,
  migrated: MigratedTable,
  { direction, group }: MoveWanted,
): Promise<{ readonly dropped: number; readonly moved: number }> {
  const strays = moveOfGroup(migrated, opposite(direction), group);
  const dropped = await changeRows(transaction, dropFromSource(strays));
  return { dropped, moved: await moveAllRows(transaction, migrated, strays) };
}

/** Takes over a move whose process is dead; undefined when it is alive or another process was faster. */
export async function takeOverMove(
  migrated: MigratedTable,
  row: MoveRow,
): Promise<HeldMove | undefined> {
  const { mainTable, owner, options } = migrated;
  const holder = { mainTable, group: row.routing_id, epoch: row.epoch };
  // Under the routing lock: its process may be in the middle of a transaction, and alive.
  return routingTransaction(migrated, async (transaction) => {
    const taken = await transaction.execute(takeMove(holder, owner, options.leaseSeconds));
    if (taken === 0) return undefined;
    const [now] = await transaction.query<MoveRow>(moveOf(mainTable, row.routing_id));
    return now === undefined ? undefined : heldMove(mainTable, now);
  });
}

function heldMove(mainTable: string, row: MoveRow): HeldMove {
  return {
    mainTable,
    group: row.routing_id,
    epoch: row.epoch,
    direction: row.direction,
    phase: row.phase,
    rowsTotal: row.rows_total,
    rowsCopied: row.rows_copied,
    rowsCleaned: row.rows_cleaned,
    lastKey: row.last_key,
  };
}
