/** Which columns an update may set. Pure. */

import { RelytError } from '../errors.ts';
import type { ConflictMode } from './import-counts.ts';
import type { TargetColumn, TargetTable } from './target-table.ts';

/** What a load does with keys, once its columns are known. */
interface KeyedLoad {
  readonly table: TargetTable;
  readonly mode: ConflictMode;
  readonly columns: readonly TargetColumn[];
  /** As the caller names them. */
  readonly conflictColumns: readonly string[] | undefined;
  readonly updateColumns: readonly string[] | undefined;
}

/**
 * Both settings name columns that must be loaded, and say nothing where no key decides.
 * @throws RelytError COLUMN_MISSING, CONFIG_INVALID
 */
export function checkKeyColumns({
  table,
  mode,
  columns,
  conflictColumns = [],
  updateColumns = [],
}: KeyedLoad): void {
  const isLoaded = (name: string) => columns.some((column) => column.name === name);
  const missing = conflictColumns.find((name) => !isLoaded(name));
  if (missing !== undefined)
    throw notLoaded(table, { setting: 'conflictColumns', column: missing });
  const unloaded = updateColumns.find((name) => !isLoaded(name));
  if (unloaded !== undefined)
    throw notLoaded(table, { setting: 'updateColumns', column: unloaded });
  if (updateColumns.length === 0) return;
  if (mode !== 'update')
    throw pointless(table, 'the table has no key whose columns are loaded, so no row is updated');
  const fixed = columns.find(
    ({ name, identity }) =>
      updateColumns.includes(name) && (table.key.includes(name) || identity === 'always'),
  );
  if (fixed === undefined) return;
  const why = table.key.includes(fixed.name) ? 'is part of the key' : 'is an identity column';
  throw pointless(table, `"${fixed.name}" ${why}, which an update does not set`);
}

function notLoaded(
  { schema, name }: TargetTable,
  { setting, column }: { readonly setting: string; readonly column: string },
): RelytError {
  const table = `${schema}.${name}`;
  return new RelytError(
    'COLUMN_MISSING',
    `${setting} names "${column}" of ${table}, for which no record has a value.`,
    {
      details: { table, column },
      hint: `Give the records a value for it, map it with \`columns\`, or leave it out of ${setting}.`,
    },
  );
}

function pointless({ schema, name }: TargetTable, why: string): RelytError {
  const table = `${schema}.${name}`;
  return new RelytError('CONFIG_INVALID', `updateColumns cannot be used for ${table}: ${why}.`, {
    details: { table },
    hint: 'Leave it out, or correct the names.',
  });
}
