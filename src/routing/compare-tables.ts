import { auxiliaryName } from '../core/group-column.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import type { RoutedTable } from './routed-table.ts';
import { routingInvalid, shownName } from './routing-invalid.ts';

/**
 * A record has to fit either table, and a group has to move between them unchanged. Order, defaults and identity may
 * differ, and the group may be NULL in the main table only: records without a group never leave it.
 * @throws RelytError ROUTING_INVALID naming the first difference
 */
export function checkSameTables(
  main: TargetTable,
  auxiliary: TargetTable,
  groupColumn: RoutedTable['groupColumn'],
): void {
  const difference =
    columnDifference(main, auxiliary, groupColumn) ?? keyDifference(main, auxiliary, groupColumn);
  if (difference === undefined) return;
  throw routingInvalid(
    auxiliary,
    `${shownName(main)} and ${shownName(auxiliary)} differ: ${difference}.`,
    'Alter one of them so that a record fits either table.',
  );
}

function columnDifference(
  main: TargetTable,
  auxiliary: TargetTable,
  groupColumn: RoutedTable['groupColumn'],
): string | undefined {
  const left = new Map(auxiliary.columns.map((column) => [column.name, column]));
  for (const column of main.columns) {
    const name = auxiliaryName(groupColumn, column.name);
    const other = left.get(name);
    left.delete(name);
    if (other === undefined) return `only the main table has the column "${column.name}"`;
    const isGroup = column.name === groupColumn.main;
    const difference = traitDifference(column, other, isGroup);
    if (difference !== undefined) return `the column "${column.name}" is ${difference}`;
  }
  const [extra] = left.keys();
  return extra === undefined ? undefined : `only the auxiliary table has the column "${extra}"`;
}

function traitDifference(
  main: TargetColumn,
  auxiliary: TargetColumn,
  isGroup: boolean,
): string | undefined {
  const say = (one: string, other: string) =>
    `${one} in the main table and ${other} in the auxiliary one`;
  if (main.sqlType !== auxiliary.sqlType) return say(main.sqlType, auxiliary.sqlType);
  if (main.generated !== auxiliary.generated) {
    const words = (column: TargetColumn) => (column.generated ? 'generated' : 'not generated');
    return say(words(main), words(auxiliary));
  }
  if (main.notNull !== auxiliary.notNull && !(isGroup && auxiliary.notNull)) {
    const words = (column: TargetColumn) => (column.notNull ? 'NOT NULL' : 'nullable');
    return say(words(main), words(auxiliary));
  }
  return undefined;
}

/** Without the same key an update would become a second row in one of the tables. */
function keyDifference(
  main: TargetTable,
  auxiliary: TargetTable,
  groupColumn: RoutedTable['groupColumn'],
): string | undefined {
  const wanted = main.primaryKey.map((name) => auxiliaryName(groupColumn, name));
  const found = new Set(auxiliary.primaryKey);
  if (wanted.length === found.size && wanted.every((name) => found.has(name))) return undefined;
  const words = (columns: readonly string[]) =>
    columns.length === 0 ? 'none' : `(${columns.join(', ')})`;
  return `the primary key is ${words(main.primaryKey)} in the main table and ${words(auxiliary.primaryKey)} in the auxiliary one`;
}
