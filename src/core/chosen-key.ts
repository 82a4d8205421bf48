/** Which unique key of a table the columns of a caller are. Pure. */

import { RelytError } from '../errors.ts';
import type { TargetTable } from './target-table.ts';

/** A unique constraint or index. */
export interface UniqueKey {
  /** In the order of the index; undefined where it is over expressions. */
  readonly columns: readonly string[] | undefined;
  /** Why it cannot decide which rows are the same; undefined when it can. */
  readonly unsuitable: string | undefined;
  /** NULLS NOT DISTINCT. */
  readonly nullsEqual: boolean;
}

/**
 * The table with the key that these columns are.
 * @throws RelytError CONFLICT_COLUMNS_UNSUITABLE
 */
export function withChosenKey(
  table: TargetTable,
  columns: readonly string[],
  keys: readonly UniqueKey[],
): TargetTable {
  if (isSameKey(columns, table.primaryKey)) return table;
  const unknown = columns.find((name) => !table.columns.some((column) => column.name === name));
  if (unknown !== undefined)
    throw unsuitable(table, columns, `there is no column ${JSON.stringify(unknown)}`, keys);
  const matching = keys.filter((key) => isSameKey(columns, key.columns ?? []));
  const key = matching.find((one) => one.unsuitable === undefined);
  if (key?.columns === undefined) {
    const why = matching[0]?.unsuitable;
    const what =
      why === undefined
        ? 'no unique constraint or index is over exactly these columns'
        : `the unique index over them ${why}`;
    throw unsuitable(table, columns, what, keys);
  }
  const named = new Set(columns);
  const mayBeNull = table.columns.some(({ name, notNull }) => named.has(name) && !notNull);
  return {
    ...table,
    key: key.columns,
    // Those that cannot decide are not taken.
    keyDeferrable: false,
    ...(mayBeNull && { nullsInKey: key.nullsEqual ? 'equal' : 'distinct' }),
  };
}

/** In any order. */
function isSameKey(columns: readonly string[], key: readonly string[]): boolean {
  return columns.length === key.length && columns.every((name) => key.includes(name));
}

function unsuitable(
  { schema, name }: TargetTable,
  columns: readonly string[],
  why: string,
  keys: readonly UniqueKey[],
): RelytError {
  const shown = `${schema}.${name}`;
  const suitable = keys.flatMap((key) =>
    key.unsuitable === undefined && key.columns !== undefined ? [shownColumns(key.columns)] : [],
  );
  const others = suitable.length === 0 ? '' : ` The table has: ${suitable.join(', ')}.`;
  return new RelytError(
    'CONFLICT_COLUMNS_UNSUITABLE',
    `conflictColumns ${shownColumns(columns)} of ${shown}: ${why}.`,
    {
      details: { table: shown },
      hint: `Name the columns of a unique constraint or index, or create one that is neither partial nor deferrable.${others}`,
    },
  );
}

function shownColumns(columns: readonly string[]): string {
  return `(${columns.join(', ')})`;
}
