import type { Dialect } from '../core/dialect.ts';
import type { ConflictMode } from '../core/import-counts.ts';
import type { TargetTable } from '../core/target-table.ts';
import type { Database } from '../database/database.ts';
import { databaseError } from '../database/database-error.ts';
import { ident, qualified } from '../database/statement.ts';
import { type TargetRightsRow, targetRights } from '../database/statements/target.ts';
import { RelytError } from '../errors.ts';

type Right = 'INSERT' | 'SELECT' | 'UPDATE';

/** What an import will do with a table. */
export interface ImportNeeds {
  readonly mode: ConflictMode;
  /** Names of the columns that rows get values for, new ones and those of the same key; undefined: not known yet. */
  readonly columns?: readonly string[];
}

/**
 * What the role of a task may do with its target, read once when the task begins: a right that is missing is found
 * before the first record, not by the first import.
 */
export class TargetRights {
  readonly #table: TargetTable;
  readonly #dialect: Dialect;
  readonly #row: TargetRightsRow;

  constructor(table: TargetTable, dialect: Dialect, row: TargetRightsRow) {
    this.#table = table;
    this.#dialect = dialect;
    this.#row = row;
  }

  /**
   * What is certain before the first record says which columns are staged: a key that the database does not make
   * itself has to be among them.
   * @throws RelytError DATABASE_PERMISSION_DENIED
   */
  requireFor(onConflict: 'update' | 'nothing' | 'error'): void {
    const { primaryKey, columns } = this.#table;
    const isGiven = (name: string) =>
      columns.some((column) => column.name === name && !column.hasDefault && !column.generated);
    const keyed = primaryKey.length > 0 && primaryKey.every(isGiven) && onConflict !== 'error';
    this.require({ mode: keyed ? onConflict : 'insert' });
  }

  /** @throws RelytError DATABASE_PERMISSION_DENIED naming the GRANT to run */
  require(needs: ImportNeeds): void {
    const { role, may_use_schema } = this.#row;
    const { schema, name } = this.#table;
    const shown = `${schema}.${name}`;
    const grants: string[] = [];
    if (!may_use_schema) grants.push(`GRANT USAGE ON SCHEMA ${ident(schema)} TO ${ident(role)};`);
    const missing = this.#missing(needs);
    const rights = missing.join(', ');
    if (missing.length > 0)
      grants.push(`GRANT ${rights} ON ${qualified(schema, name)} TO ${ident(role)};`);
    if (grants.length === 0) return;
    const lacks = [...(may_use_schema ? [] : [`USAGE on the schema ${schema}`])];
    if (missing.length > 0) lacks.push(`${rights} on ${shown}`);
    throw new RelytError(
      'DATABASE_PERMISSION_DENIED',
      `the role "${role}" lacks ${lacks.join(' and ')}`,
      { details: { table: shown }, hint: `Have its owner run: ${grants.join(' ')}` },
    );
  }

  #missing({ mode, columns }: ImportNeeds): Right[] {
    const { onConflict, distributed, modernCatalogue } = this.#dialect;
    const { selectable } = this.#row;
    const key = this.#table.primaryKey;
    const missing: Right[] = [];
    // Of the whole table: no import begins without a lock on it, and a right on columns gives none.
    if (!this.#has('INSERT')) missing.push('INSERT');
    // Which keys are there is read; where rows live on segments it also takes SELECT to hold the table.
    const reads = mode === 'insert' ? distributed && !modernCatalogue : true;
    // `excluded.column` counts as reading the column.
    const read = mode === 'update' ? [...key, ...(columns ?? [])] : key;
    const mayRead = distributed ? this.#has('SELECT') : read.every((it) => selectable.includes(it));
    if (reads && !mayRead) missing.push('SELECT');
    // Without ON CONFLICT other writers are kept out, which takes a right to change the table.
    const locks = mode !== 'insert' && !onConflict;
    if (locks ? !this.#has('UPDATE') : mode === 'update' && !this.#mayChange(columns))
      missing.push('UPDATE');
    return missing;
  }

  /** Rights on columns are enough to update rows. */
  #mayChange(columns: readonly string[] | undefined): boolean {
    const { updatable } = this.#row;
    if (columns === undefined) return updatable.length > 0;
    const key = this.#table.primaryKey;
    const changed = columns.filter((name) => !key.includes(name));
    // Of a table of nothing but its key, the first column of the key is set to what it is.
    const set = changed.length > 0 ? changed : key.slice(0, 1);
    return set.every((name) => updatable.includes(name));
  }

  #has(right: Right): boolean {
    return this.#row.table_rights.includes(right);
  }
}

/** @throws RelytError DATABASE_… */
export async function readTargetRights(
  database: Database,
  table: TargetTable,
  dialect: Dialect,
): Promise<TargetRights> {
  const shown = `${table.schema}.${table.name}`;
  try {
    const [row] = await database.query<TargetRightsRow>(targetRights(table.schema, table.name));
    if (row !== undefined) return new TargetRights(table, dialect, row);
  } catch (error) {
    throw databaseError(error, `read the rights on ${shown}`, { table: shown });
  }
  throw new RelytError('TABLE_NOT_FOUND', `the table ${shown} is gone`, {
    details: { table: shown },
  });
}
