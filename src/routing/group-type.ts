/** Groups are told apart by their text, so every role has to see the same one. */

import type { TargetColumn } from '../core/target-table.ts';
import { groupColumnOf, type RoutedTable } from './routed-table.ts';
import { routingInvalid, shownName } from './routing-invalid.ts';

/** Their text depends on the TimeZone or lc_monetary of the role: our sessions leave these as they are. */
const TEXT_OF_ROLE = new Set(['timestamptz', 'tstzrange', 'tstzmultirange', 'money']);

/** Their text depends on no setting at all, so readers, whose settings are their own, see it as our sessions do. */
const TEXT_OF_ALL = new Set([
  ...['int2', 'int4', 'int8', 'numeric', 'oid', 'bool', 'uuid', 'text', 'varchar', 'bpchar'],
  ...['name', 'char', 'citext', 'inet', 'cidr', 'macaddr', 'macaddr8', 'bit', 'varbit'],
]);

/** @throws RelytError ROUTING_INVALID */
export function checkGroupType(routed: RoutedTable): void {
  const { main, routing } = routed;
  const column = groupColumnOf(routed);
  if (column === undefined) return;
  if (TEXT_OF_ROLE.has((column.type.element ?? column.type).name)) throw textOfRole(routed, column);
  // Texts of other types, such as 007, are not those of the numbers they become.
  if (routing.idType === 'text' || /^int[248]$/.test(column.type.name)) return;
  throw routingInvalid(
    main,
    `routing_id of ${routing.schema}.${routing.name} is bigint, but the groups in "${column.name}" of ${shownName(main)} are ${column.sqlType}.`,
    'Change routing_id to text.',
  );
}

/** @throws RelytError ROUTING_INVALID for a view in which a reader with other settings would miss rows */
export function checkViewType(routed: RoutedTable): void {
  const { main } = routed;
  const column = groupColumnOf(routed);
  if (column === undefined || column.type.kind === 'enum') return;
  if (TEXT_OF_ALL.has(column.type.name)) return;
  throw routingInvalid(
    main,
    `The text of the groups in "${column.name}" (${column.sqlType}) of ${shownName(main)} depends on settings of the reader, so a view would miss rows for some readers.`,
    'Leave out --view (`view`), and query both tables; or route by a column of an integer or text type.',
  );
}

function textOfRole({ main }: RoutedTable, column: TargetColumn): Error {
  return routingInvalid(
    main,
    `The groups in "${column.name}" of ${shownName(main)} are ${column.sqlType}, whose text depends on TimeZone or lc_monetary, so two loaders would route one group to two tables.`,
    'Route by a column of another type, such as date or text.',
  );
}
