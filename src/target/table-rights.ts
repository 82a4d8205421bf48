import type { Dialect } from '../core/dialect.ts';
import type { ConflictMode } from '../core/import-counts.ts';
import type { TargetTable } from '../core/target-table.ts';
import { ident, qualified } from '../database/statement.ts';
import type { TargetRightsRow } from '../database/statements/target.ts';

type Right = 'INSERT' | 'SELECT' | 'UPDATE' | 'DELETE';

/** What an import will do with a table. */
export interface ImportNeeds {
  readonly mode: ConflictMode;
  /** Names of the columns that rows get values for, new ones and those of the same key; undefined: not known yet. */
  readonly columns?: readonly string[];
  /** There is a table beside it, and a key that says nothing of the group may be in either. */
  readonly keyInEither?: boolean;
}

/** A right that is missing, in words and as what gives it. */
export interface Lack {
  readonly what: string;
  readonly grant: string;
}

/** What the role of a task may do with one of the tables it writes. */
export class TableRights {
  readonly #table: TargetTable;
  readonly #dialect: Dialect;
  readonly #row: TargetRightsRow;

  constructor(table: TargetTable, dialect: Dialect, row: TargetRightsRow) {
    this.#table = table;
    this.#dialect = dialect;
    this.#row = row;
  }

  lacking(needs: ImportNeeds): readonly Lack[] {
    const { role, may_use_schema } = this.#row;
    const { schema, name } = this.#table;
    const lacks: Lack[] = [];
    if (!may_use_schema) {
      const grant = `GRANT USAGE ON SCHEMA ${ident(schema)} TO ${ident(role)};`;
      lacks.push({ what: `USAGE on the schema ${schema}`, grant });
    }
    const rights = this.#missing(needs).join(', ');
    if (rights !== '') {
      const grant = `GRANT ${rights} ON ${qualified(schema, name)} TO ${ident(role)};`;
      lacks.push({ what: `${rights} on ${schema}.${name}`, grant });
    }
    return lacks;
  }

  #missing(needs: ImportNeeds): Right[] {
    const { mode, columns, keyInEither = false } = needs;
    const { onConflict, distributed, modernCatalogue } = this.#dialect;
    const { selectable } = this.#row;
    const missing: Right[] = [];
    // Of the whole table: no import begins without a lock on it, and a right on columns gives none.
    if (!this.#has('INSERT')) missing.push('INSERT');
    // Which keys are there is read; where rows live on segments it also takes SELECT to hold the table.
    const reads = mode === 'insert' ? keyInEither || (distributed && !modernCatalogue) : true;
    const read = this.#columnsRead(needs);
    const mayRead = distributed ? this.#has('SELECT') : read.every((it) => selectable.includes(it));
    if (reads && !mayRead) missing.push('SELECT');
    // Without ON CONFLICT other writers are kept out, which takes a right to change the table.
    const locks = mode !== 'insert' && !onConflict;
    if (locks ? !this.#has('UPDATE') : mode === 'update' && !this.#mayChange(columns))
      missing.push('UPDATE');
    // The row of a record whose group changed leaves one table and enters the other.
    if (mode === 'update' && keyInEither && !this.#has('DELETE')) missing.push('DELETE');
    return missing;
  }

  #columnsRead({ mode, columns, keyInEither = false }: ImportNeeds): readonly string[] {
    const key = this.#table.key;
    if (mode !== 'update') return key;
    // A row that enters the other table takes along what is not staged.
    if (keyInEither)
      return this.#table.columns.filter(({ generated }) => !generated).map(({ name }) => name);
    // `excluded.column` counts as reading the column.
    return [...key, ...(columns ?? [])];
  }

  /** Rights on columns are enough to update rows. */
  #mayChange(columns: readonly string[] | undefined): boolean {
    const { updatable } = this.#row;
    if (columns === undefined) return updatable.length > 0;
    const key = this.#table.key;
    const changed = columns.filter((name) => !key.includes(name));
    // In a table that has only key columns, the first column of the key is set to what it is.
    const set = changed.length > 0 ? changed : key.slice(0, 1);
    return set.every((name) => updatable.includes(name));
  }

  #has(right: Right): boolean {
    return this.#row.table_rights.includes(right);
  }
}
