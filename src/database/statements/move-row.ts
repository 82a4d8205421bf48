import type { Statement } from '../statement.ts';

export type MoveDirection = 'to-auxiliary' | 'to-main';
export type MovePhase = 'COPY' | 'CLEAN';

/** A move under way, as another process finds it. */
export interface MoveRow {
  readonly routing_id: string;
  readonly direction: MoveDirection;
  readonly phase: MovePhase;
  readonly owner: string;
  readonly epoch: number;
  readonly rows_total: number;
  readonly rows_copied: number;
  readonly rows_cleaned: number;
  readonly last_key: readonly string[] | null;
  /** Changes with every sign of life. */
  readonly heartbeat: string;
  readonly lease_left_seconds: number;
}

/** The table in which rows of the group do not count as its rows: not yet, or not any more. */
export function shadowedTable({
  direction,
  phase,
}: Pick<MoveRow, 'direction' | 'phase'>): 'main' | 'auxiliary' {
  return (direction === 'to-auxiliary') === (phase === 'COPY') ? 'auxiliary' : 'main';
}

/** The right of one process to continue a move. */
export interface MoveHolder {
  readonly mainTable: string;
  readonly group: string;
  readonly epoch: number;
}

/** Moves under way, as `MoveRow`s, oldest first. */
const movesWhere = (
  condition: string,
) => `select routing_id, direction, phase, owner, epoch, rows_total, rows_copied, rows_cleaned, last_key,
       heartbeat_at::text as heartbeat,
       (lease_seconds - extract(epoch from clock_timestamp() - heartbeat_at))::float8 as lease_left_seconds
from relyt_sys.relyt_loader_move where ${condition} order by started_at, routing_id`;

export const movesOf = (mainTable: string): Statement => ({
  name: 'movesOf',
  text: movesWhere('main_table = $1'),
  values: [mainTable],
});

export const moveOf = (mainTable: string, group: string): Statement => ({
  name: 'moveOf',
  text: movesWhere('main_table = $1 and routing_id = $2'),
  values: [mainTable, group],
});

export interface NewMove extends MoveHolder {
  readonly direction: MoveDirection;
  readonly owner: string;
  readonly leaseSeconds: number;
  readonly rows: number;
}

export const insertMove = (move: NewMove): Statement => ({
  name: 'insertMove',
  text: `insert into relyt_sys.relyt_loader_move
  (main_table, routing_id, direction, phase, owner, epoch, heartbeat_at, lease_seconds, rows_total, started_at, updated_at)
values ($1, $2, $3, 'COPY', $4, $5, clock_timestamp(), $6, $7, now(), now())`,
  values: [
    move.mainTable,
    move.group,
    move.direction,
    move.owner,
    move.epoch,
    move.leaseSeconds,
    move.rows,
  ],
});

/** No row when its holder is alive or another process was faster. */
export const takeMove = (holder: MoveHolder, owner: string, leaseSeconds: number): Statement => ({
  name: 'takeMove',
  text: `update relyt_sys.relyt_loader_move
set epoch = epoch + 1, owner = $4, lease_seconds = $5, heartbeat_at = clock_timestamp()
where main_table = $1 and routing_id = $2 and epoch = $3
  and heartbeat_at < clock_timestamp() - lease_seconds * interval '1 second'`,
  values: [holder.mainTable, holder.group, holder.epoch, owner, leaseSeconds],
});

export const beatMove = (holder: MoveHolder): Statement => ({
  name: 'beatMove',
  text: `update relyt_sys.relyt_loader_move set heartbeat_at = clock_timestamp()
where main_table = $1 and routing_id = $2 and epoch = $3`,
  values: [holder.mainTable, holder.group, holder.epoch],
});

/** Its holder has given it up: any process may take it at once. */
export const releaseMove = (holder: MoveHolder): Statement => ({
  name: 'releaseMove',
  text: `update relyt_sys.relyt_loader_move set heartbeat_at = to_timestamp(0)
where main_table = $1 and routing_id = $2 and epoch = $3`,
  values: [holder.mainTable, holder.group, holder.epoch],
});

/** Where the move is after a transaction; no row when another process has taken it over. */
export const advanceMove = (
  holder: MoveHolder,
  to: {
    readonly phase: MovePhase;
    readonly copied: number;
    readonly cleaned: number;
    readonly lastKey: readonly string[] | null;
  },
): Statement => ({
  name: 'advanceMove',
  text: `update relyt_sys.relyt_loader_move
set phase = $4, rows_copied = rows_copied + $5, rows_cleaned = rows_cleaned + $6, last_key = $7::json,
    heartbeat_at = clock_timestamp(), updated_at = clock_timestamp()
where main_table = $1 and routing_id = $2 and epoch = $3`,
  values: [
    holder.mainTable,
    holder.group,
    holder.epoch,
    to.phase,
    to.copied,
    to.cleaned,
    to.lastKey === null ? null : JSON.stringify(to.lastKey),
  ],
});

export const deleteMove = (holder: MoveHolder): Statement => ({
  name: 'deleteMove',
  text: `delete from relyt_sys.relyt_loader_move
where main_table = $1 and routing_id = $2 and epoch = $3`,
  values: [holder.mainTable, holder.group, holder.epoch],
});

/** Nothing of it is copied any more, or soon will not be; no row when another process has taken it over. */
export const restartMove = (holder: MoveHolder): Statement => ({
  name: 'restartMove',
  text: `update relyt_sys.relyt_loader_move
set last_key = null, rows_copied = 0, heartbeat_at = clock_timestamp(), updated_at = clock_timestamp()
where main_table = $1 and routing_id = $2 and epoch = $3 and phase = 'COPY'`,
  values: [holder.mainTable, holder.group, holder.epoch],
});

/**
 * Rows a second of the moves that are under way; null when none has copied anything. One that changed hands has been
 * left alone for an unknown time.
 */
export const measuredRate = (): Statement => ({
  name: 'measuredRate',
  text: `select (sum(rows_copied) / nullif(sum(extract(epoch from updated_at - started_at)), 0))::float8 as rate
from relyt_sys.relyt_loader_move where rows_copied > 0 and epoch = 1`,
});
