import type { GroupColumn } from '../core/group-column.ts';
import { moveBackCommand, setUpCommand } from '../core/routing-commands.ts';
import type { TargetTable } from '../core/target-table.ts';
import type { RelytError } from '../errors.ts';
import { routingInvalid, shownName } from './routing-invalid.ts';

/** What installations of the Go SDK call it. */
const KNOWN_NAMES = ['group_id', 'routing_id'];

/** What is known of the column of the groups beside the columns there are. */
export interface ColumnWanted {
  /** What a set-up has stored. */
  readonly stored: GroupColumn | undefined;
  /** What the caller names. */
  readonly named: string | undefined;
}

/**
 * The column that holds the group, for programs that follow a routing: what is stored, else what is named, else group_id
 * or routing_id, in each table the one it has. All of them have to come to the same, or rows of one group go to two
 * tables: a name that contradicts what is stored, or what a caller who names nothing would take, is refused.
 * @throws RelytError ROUTING_INVALID
 */
export function findGroupColumn(
  main: TargetTable,
  auxiliary: TargetTable,
  { stored, named }: ColumnWanted,
): GroupColumn {
  if (stored !== undefined) {
    refuseOther(main, stored, named);
    requireStored(main, stored.main, main);
    requireStored(auxiliary, stored.auxiliary, main);
    return stored;
  }
  const column = groupColumnIn(main, named);
  const other = otherwiseTaken(main, column);
  if (other !== undefined) throw notStored(main, column, other);
  return { main: column, auxiliary: auxiliaryColumn(auxiliary, column) };
}

/**
 * The column of the main table, for a set-up, which stores it. A stored name that the table does not have any more was
 * renamed, and gives way to the one that is named now.
 * @throws RelytError ROUTING_INVALID
 */
export function columnToStore(main: TargetTable, { stored, named }: ColumnWanted): string {
  if (stored === undefined) return groupColumnIn(main, named);
  if (has(main, stored.main)) refuseOther(main, stored, named);
  else if (named === undefined) requireStored(main, stored.main, main);
  return groupColumnIn(main, named ?? stored.main);
}

/** The auxiliary table may have the other of the usual names; with a column of the same name there is nothing to ask. */
export function auxiliaryColumn(auxiliary: TargetTable, ofMain: string): string {
  if (has(auxiliary, ofMain)) return ofMain;
  const [only, ...others] = KNOWN_NAMES.filter((name) => has(auxiliary, name));
  if (only !== undefined && others.length === 0) return only;
  const shown = shownName(auxiliary);
  throw routingInvalid(
    auxiliary,
    only === undefined
      ? `${shown} has no column ${KNOWN_NAMES.join(' or ')}, and none called "${ofMain}" as the main table has.`
      : `${shown} has both ${KNOWN_NAMES.join(' and ')}, so it is not clear which one holds the group.`,
    `Name the column of the groups "${ofMain}" in ${shown}, too.`,
  );
}

/** What callers who name no column would take for the group, where it is not this column. */
export function otherwiseTaken(main: TargetTable, column: string): string | undefined {
  const [only, ...others] = KNOWN_NAMES.filter((name) => has(main, name));
  return others.length > 0 || only === column ? undefined : only;
}

function groupColumnIn(table: TargetTable, named: string | undefined): string {
  if (named !== undefined) {
    if (has(table, named)) return named;
    throw routingInvalid(
      table,
      `${shownName(table)} has no column "${named}", which was named as the column of the groups.`,
      'Name a column the table has; names are case-sensitive here.',
    );
  }
  const [only, ...others] = KNOWN_NAMES.filter((name) => has(table, name));
  if (only !== undefined && others.length === 0) return only;
  throw routingInvalid(
    table,
    only === undefined
      ? `${shownName(table)} has no column ${KNOWN_NAMES.join(' or ')}, so nothing says which group a record belongs to.`
      : `${shownName(table)} has both ${KNOWN_NAMES.join(' and ')}, so it is not clear which one holds the group.`,
    `Run ${setUp(table, 'COLUMN')} once: it stores the column of the groups for every load and migration.`,
  );
}

function refuseOther(main: TargetTable, stored: GroupColumn, named: string | undefined): void {
  if (named === undefined || named === stored.main) return;
  throw routingInvalid(
    main,
    `${shownName(main)} is routed by its column "${stored.main}", as stored in relyt_sys, and not by "${named}".`,
    `Leave the option out, or name "${stored.main}". To route by another column, move all groups back (\`${moveBackCommand(main)}\`), drop the view and the routing table, and run \`${setUpCommand(main, named)}\`.`,
  );
}

function requireStored(table: TargetTable, column: string, main: TargetTable): void {
  if (has(table, column)) return;
  throw routingInvalid(
    table,
    `${shownName(table)} does not have the column "${column}" any more, which is stored as the column of the groups.`,
    `If it has another name now, run ${setUp(main, 'COLUMN')} to store that.`,
  );
}

/** A caller that names nothing would write records of a group to the other table. */
function notStored(main: TargetTable, column: string, other: string): RelytError {
  return routingInvalid(
    main,
    `"${column}" is named as the column of the groups of ${shownName(main)}, and loads that do not name it would take "${other}".`,
    `Run ${setUp(main, column)} to store it for every load and migration; or name "${other}", if the groups are there.`,
  );
}

function setUp(table: TargetTable, column: string): string {
  return `\`${setUpCommand(table, column)}\``;
}

function has(table: TargetTable, name: string): boolean {
  return table.columns.some((column) => column.name === name);
}
