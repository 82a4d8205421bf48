import type { AuxiliaryTarget } from '../core/auxiliary-target.ts';
import type { Dialect } from '../core/dialect.ts';
import type { ConflictMode } from '../core/import-counts.ts';
import { readsTheSame } from '../core/staged-type.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import type { Transaction } from '../database/session.ts';
import { columnTypes, lockTable } from '../database/statements/target.ts';
import { RelytError } from '../errors.ts';

export interface HeldTable {
  readonly table: TargetTable;
  readonly mode: ConflictMode;
  readonly dialect: Dialect;
  /** Whether it is asked if MERGE may update it. */
  readonly asksMerge: boolean;
}

/** What an import holds until its end. */
export interface HeldTables {
  /** Oid of the target, which it keeps as long as it keeps its rows. */
  readonly table: number;
  /** Oid of the auxiliary table; null where no row goes to a second one. */
  readonly auxiliary: number | null;
  /** Which rows go there; undefined where there is none. */
  readonly beside: AuxiliaryTarget | undefined;
  /** MERGE does to the target what ON CONFLICT DO UPDATE does. */
  readonly mayMerge: boolean;
  /** The staged columns have the types that records were encoded for, with the same modifiers. */
  readonly sameTypes: boolean;
}

/** A column as records were encoded for it. */
export type StagedColumn = Pick<TargetColumn, 'name' | 'sqlType'>;

/** A column as the catalogue has it now, with the oid of its table. */
interface FoundColumn extends StagedColumn {
  readonly table: number;
  /** Only asked of an update. */
  readonly mayMerge?: boolean;
}

/**
 * Holds the target as it is until the end of the transaction, and refuses one in which the staged records would be
 * read as other values than they were encoded from (G4).
 * Where an update locks the whole table, two imports that both hold it for writing would wait for each other.
 * Before PostgreSQL 9.5 the right to INSERT does not allow to lock a table; there, as above, it takes SELECT.
 * @throws RelytError TABLE_CHANGED
 */
export async function holdTable(
  transaction: Transaction,
  { table, mode, dialect, asksMerge }: HeldTable,
  staged: readonly StagedColumn[],
): Promise<Pick<HeldTables, 'table' | 'mayMerge' | 'sameTypes'>> {
  const reads = dialect.distributed && (mode !== 'insert' || !dialect.modernCatalogue);
  const lock = reads ? 'access share' : 'row exclusive';
  await transaction.execute(lockTable(table.schema, table.name, lock));
  const names = staged.map((column) => column.name);
  const ofMerge = asksMerge && mode === 'update' && dialect.onConflict && !dialect.distributed;
  const types = columnTypes(table, names, ofMerge ? table.key : undefined);
  const found = await transaction.query<FoundColumn>(types);
  checkTypes(table, staged, found);
  const [column] = found;
  if (column === undefined)
    throw new RelytError('INTERNAL', `Nothing is staged for ${table.schema}.${table.name}.`);
  const now = new Map(found.map(({ name, sqlType }) => [name, sqlType]));
  const sameTypes = staged.every(({ name, sqlType }) => now.get(name) === sqlType);
  return { table: column.table, mayMerge: column.mayMerge ?? false, sameTypes };
}

/**
 * @param reads whether what was written for one type is read as the same value of another
 * @throws RelytError TABLE_CHANGED for the first column that is gone or has another kind of type now
 */
export function checkTypes(
  table: TargetTable,
  staged: readonly StagedColumn[],
  found: readonly StagedColumn[],
  reads = readsTheSame,
): void {
  const types = new Map(found.map((column) => [column.name, column.sqlType]));
  for (const { name, sqlType } of staged) {
    const now = types.get(name);
    if (now !== undefined && reads(sqlType, now)) continue;
    const shown = `${table.schema}.${table.name}`;
    const what = now === undefined ? 'is gone' : `was ${sqlType} and is now ${now}`;
    throw new RelytError(
      'TABLE_CHANGED',
      `The column "${name}" of ${shown} ${what}, and records are staged for it as it was.`,
      { details: { table: shown, column: name, expected: sqlType, ...(now && { got: now }) } },
    );
  }
}
