/**
 * What the SQL of one kind of database can do. The code asks this, never a version number: the engine profiles
 * (`engines/profiles.ts`) say it once for each.
 */
export interface Dialect {
  /** INSERT … ON CONFLICT; without it a key is updated and inserted by hand, under a lock of the table. */
  readonly onConflict: boolean;
  /**
   * Rows live on segments. Temporary tables are told where, a statement changes one table at a time, the statistics
   * of the coordinator know nothing of changed rows, and UPDATE, DELETE and FOR SHARE may lock the whole table.
   */
  readonly distributed: boolean;
  /** The catalogue knows identity and generated columns, and collations under which different texts are equal. */
  readonly modernCatalogue: boolean;
  /** Row-level security. Without it every role with rights on a table reads and changes all of its rows. */
  readonly rowSecurity: boolean;
  /** What follows the name of a temporary table: where the default kind of table has no indexes, one that has. */
  readonly temporaryKind: '' | ' using heap';
  /** What follows the column list of a table of ours; `key` is the column its rows are found by. */
  readonly tableStorage: (key: string) => string;
}

/** PostgreSQL 12 and later, and what is built from it without changing where rows live. */
export const POSTGRESQL: Dialect = {
  onConflict: true,
  distributed: false,
  modernCatalogue: true,
  rowSecurity: true,
  temporaryKind: '',
  tableStorage: () => '',
};
