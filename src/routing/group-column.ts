import type { TargetTable } from '../core/target-table.ts';
import type { RoutedTable } from './routed-table.ts';
import { routingInvalid, shownName } from './routing-invalid.ts';

/** What installations of the Go SDK call it. */
const KNOWN_NAMES = ['group_id', 'routing_id'];

/**
 * The column that holds the group: the one named, else group_id or routing_id, in each table the one it has.
 * @throws RelytError ROUTING_INVALID when a table has none of them, or both and none was named
 */
export function findGroupColumn(
  main: TargetTable,
  auxiliary: TargetTable,
  named?: string,
): RoutedTable['groupColumn'] {
  const ofMain = groupColumnIn(main, named);
  // The auxiliary table may have the other name; with a column of the same name there is nothing to ask.
  const ofAuxiliary = has(auxiliary, ofMain) ? ofMain : groupColumnIn(auxiliary);
  return { main: ofMain, auxiliary: ofAuxiliary };
}

/** @throws RelytError ROUTING_INVALID */
export function groupColumnIn(table: TargetTable, named?: string): string {
  if (named !== undefined) {
    if (has(table, named)) return named;
    throw routingInvalid(
      table,
      `${shownName(table)} has no column "${named}", which was named as the column of the groups`,
      'Name a column the table has; names are case-sensitive here.',
    );
  }
  const found = KNOWN_NAMES.filter((name) => has(table, name));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw routingInvalid(
    table,
    only === undefined
      ? `${shownName(table)} has no column ${KNOWN_NAMES.join(' or ')}, so nothing says which group a record belongs to`
      : `${shownName(table)} has both ${KNOWN_NAMES.join(' and ')}, so it is not clear which one holds the group`,
    'Name the column of the groups.',
  );
}

function has(table: TargetTable, name: string): boolean {
  return table.columns.some((column) => column.name === name);
}
