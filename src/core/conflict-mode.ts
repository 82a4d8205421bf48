import { RelytError } from '../errors.ts';
import type { ConflictMode } from './import-counts.ts';
import type { TargetColumn, TargetTable } from './target-table.ts';

/**
 * How an import treats existing keys. Without a key, or when the database makes the key itself
 * (it is not among the staged columns), no record can meet another one's key: plain inserts.
 * @throws RelytError TABLE_UNSUPPORTED for a deferrable key, which cannot decide a conflict
 */
export function conflictMode(
  onConflict: 'update' | 'nothing' | 'error',
  table: TargetTable,
  staged: readonly TargetColumn[],
): ConflictMode {
  const names = new Set(staged.map((column) => column.name));
  const keyStaged = table.key.length > 0 && table.key.every((name) => names.has(name));
  if (onConflict === 'error' || !keyStaged) return 'insert';
  if (table.keyDeferrable) {
    throw new RelytError(
      'TABLE_UNSUPPORTED',
      `The primary key of ${table.schema}.${table.name} is deferrable, so onConflict '${onConflict}' cannot use it.`,
      { hint: "Make the key NOT DEFERRABLE, or load with onConflict 'error'." },
    );
  }
  return onConflict;
}
