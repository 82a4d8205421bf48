import { hasChosenKey, type TargetTable } from '../core/target-table.ts';
import { RelytError } from '../errors.ts';
import type { RoutedTable } from '../routing/routed-table.ts';

/** How the caller wants conflicts to be decided. */
export interface ChosenConflict {
  readonly table: TargetTable;
  readonly updateColumns?: readonly string[] | undefined;
}

/**
 * A key must be in one of the two tables only, and every load and migration has to agree on which key that is: the
 * primary one. A row whose group is not updated would have to stay where its old group lives, and the record's new
 * group would lead elsewhere.
 * @throws RelytError CONFLICT_COLUMNS_UNSUITABLE
 */
export function checkRoutedKeys(
  { groupColumn }: Pick<RoutedTable, 'groupColumn'>,
  { table, updateColumns }: ChosenConflict,
): void {
  const group = groupColumn.main;
  if (hasChosenKey(table)) {
    throw refused(
      table,
      `Groups of ${shown(table)} live in an auxiliary table, where the primary key alone decides conflicts.`,
      'Leave `conflictColumns` out.',
    );
  }
  if (updateColumns === undefined || updateColumns.includes(group) || table.key.includes(group))
    return;
  throw refused(
    table,
    `Groups of ${shown(table)} live in an auxiliary table, and updateColumns leaves out "${group}", which says where a row lives.`,
    `Add "${group}" to \`updateColumns\`, or leave the setting out.`,
  );
}

function refused(table: TargetTable, message: string, hint: string): RelytError {
  return new RelytError('CONFLICT_COLUMNS_UNSUITABLE', message, {
    details: { table: shown(table) },
    hint,
  });
}

function shown({ schema, name }: TargetTable): string {
  return `${schema}.${name}`;
}
