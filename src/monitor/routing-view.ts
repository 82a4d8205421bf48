import { redact } from '../core/redaction.ts';
import { endMovesCommand } from '../core/routing-commands.ts';
import { readTargetTable } from '../database/catalogue.ts';
import type { Reader } from '../database/session.ts';
import { type MoveRow, movesOf } from '../database/statements/move-row.ts';
import {
  countRouted,
  type GroupSizeRow,
  groupSizes,
  listRoutedTables,
  type RoutedTableRow,
} from '../database/statements/routed-tables.ts';
import { RelytError } from '../errors.ts';
import { findRouting } from '../routing/find-routing.ts';
import type { RoutedTable } from '../routing/routed-table.ts';

/** A routed table as the page shows it. */
export interface RoutingView {
  /** `schema.table` */
  readonly table: string;
  /** Rows as the planner knows them; null before the first ANALYZE. */
  readonly mainRows: number | null;
  readonly auxiliaryRows: number | null;
  /** Null where the routing is invalid. */
  readonly routed: RoutedGroups | null;
  readonly moves: readonly ShownMove[];
  /** What is wrong with it, and what to do; null when nothing is wrong. */
  readonly problem: { readonly message: string; readonly hint: string } | null;
}

interface RoutedGroups {
  readonly column: string;
  /** How many groups live in the auxiliary table. */
  readonly groups: number;
  /** The biggest ones, by the planner's statistics. */
  readonly biggest: readonly ShownGroup[];
}

export interface ShownGroup extends GroupSizeRow {
  readonly lives: 'main' | 'auxiliary';
}

/** A group on its way. */
export interface ShownMove {
  readonly group: string;
  readonly direction: MoveRow['direction'];
  readonly phase: MoveRow['phase'];
  readonly rows: number;
  readonly done: number;
  /** A process works on it. */
  readonly alive: boolean;
  /** What ends it where no process works on it; null where one does. */
  readonly command: string | null;
}

const MOST_TABLES = 20;
const MOST_GROUPS = 20;

export async function readRoutingViews(reader: Reader): Promise<RoutingView[]> {
  const tables = await reader.query<RoutedTableRow>(listRoutedTables(MOST_TABLES));
  const views: RoutingView[] = [];
  for (const table of tables) views.push(await readRoutingView(reader, table));
  return views;
}

async function readRoutingView(reader: Reader, row: RoutedTableRow): Promise<RoutingView> {
  const table = `${row.schema}.${row.name}`;
  const sizes = { table, mainRows: row.main_rows, auxiliaryRows: row.auxiliary_rows };
  try {
    const main = await readTargetTable(reader, { schema: row.schema, table: row.name });
    const found = await findRouting(reader, { main });
    const routed = found === undefined ? null : await readGroups(reader, found);
    const moves = await reader.query<MoveRow>(movesOf(table));
    return { ...sizes, routed, moves: moves.map((move) => shownMove(row, move)), problem: null };
  } catch (error) {
    // A table whose routing is invalid, or that this role cannot read, does not hide the others.
    if (!(error instanceof RelytError)) throw error;
    const problem = { message: redact(error.message), hint: error.hint };
    return { ...sizes, routed: null, moves: [], problem };
  }
}

async function readGroups(reader: Reader, routed: RoutedTable): Promise<RoutedGroups> {
  const { main, auxiliary, routing, groupColumn } = routed;
  const ask = (table: typeof main, column: string) =>
    reader.query<GroupSizeRow>(groupSizes(table, column, MOST_GROUPS));
  const [inMain, inAuxiliary, counted] = await Promise.all([
    ask(main, groupColumn.main),
    ask(auxiliary, groupColumn.auxiliary),
    reader.query<{ groups: number }>(countRouted(routing)),
  ]);
  const groups: ShownGroup[] = [
    ...inMain.map((group) => ({ ...group, lives: 'main' as const })),
    ...inAuxiliary.map((group) => ({ ...group, lives: 'auxiliary' as const })),
  ];
  groups.sort((a, b) => b.rows - a.rows);
  return {
    column: groupColumn.main,
    groups: counted[0]?.groups ?? 0,
    biggest: groups.slice(0, MOST_GROUPS),
  };
}

function shownMove(table: RoutedTableRow, move: MoveRow): ShownMove {
  const alive = move.lease_left_seconds > 0;
  return {
    group: move.routing_id,
    direction: move.direction,
    phase: move.phase,
    rows: move.rows_total,
    done: move.phase === 'COPY' ? move.rows_copied : move.rows_cleaned,
    alive,
    command: alive ? null : endMovesCommand(table),
  };
}
