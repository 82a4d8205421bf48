import { auxiliaryName } from '../core/group-column.ts';
import type { TargetTable } from '../core/target-table.ts';
import type { GroupMove, MoveSide } from '../database/statements/move-parts.ts';
import type { MoveDirection } from '../database/statements/move-row.ts';
import { RelytError } from '../errors.ts';
import { groupColumnOf, type RoutedTable } from '../routing/routed-table.ts';

/** Types whose equal values always have the same text. */
const ONE_TEXT = new Set(['int2', 'int4', 'int8', 'text', 'varchar', 'uuid', 'date', 'bool']);

/** Whether groups are told apart by their text, because values that are equal may differ there. */
export function groupsByText(routed: RoutedTable): boolean {
  const { type, deterministic } = groupColumn(routed);
  return type.kind !== 'enum' && !(ONE_TEXT.has(type.name) && deterministic);
}

/** How one group goes from one table to the other. */
export function groupMove(
  routed: RoutedTable,
  { direction, group }: { readonly direction: MoveDirection; readonly group: string },
): GroupMove {
  const names = routed.main.columns.filter((column) => !column.generated).map(({ name }) => name);
  const main = sideOf(routed.main, routed.groupColumn.main, {
    columns: names,
    key: routed.main.primaryKey,
  });
  const toAuxiliary = (name: string) => auxiliaryName(routed.groupColumn, name);
  const auxiliary = sideOf(routed.auxiliary, routed.groupColumn.auxiliary, {
    columns: names.map(toAuxiliary),
    key: routed.main.primaryKey.map(toAuxiliary),
  });
  const forward = direction === 'to-auxiliary';
  const destination = forward ? routed.auxiliary : routed.main;
  return {
    source: forward ? main : auxiliary,
    destination: forward ? auxiliary : main,
    group,
    groupType: groupColumn(routed),
    groupByText: groupsByText(routed),
    keyTypes: routed.main.primaryKey.map((name) => columnOf(routed.main, name)),
    overriding: destination.columns.some((column) => column.identity === 'always'),
  };
}

function sideOf(
  table: TargetTable,
  group: string,
  { columns, key }: Pick<MoveSide, 'columns' | 'key'>,
): MoveSide {
  return { schema: table.schema, table: table.name, group, columns, key };
}

function groupColumn(routed: RoutedTable) {
  const column = groupColumnOf(routed);
  if (column === undefined) throw new RelytError('INTERNAL', 'The group column is not a column.');
  return column;
}

function columnOf(table: TargetTable, name: string) {
  const column = table.columns.find((one) => one.name === name);
  if (column === undefined) throw new RelytError('INTERNAL', 'A key column is not a column.');
  return column;
}
