/** A group that was moved, or with `dryRun` would be. */
export interface MovedGroup {
  readonly group: string;
  /** Rows that moved. */
  readonly rows: number;
  /** Rows of the other table that gave way to one of the group with the same key (`conflictMode` 'update'). */
  readonly replaced: number;
  /** Rows of the group that gave way to one of the other table with the same key (`conflictMode` 'nothing'). */
  readonly dropped: number;
  /** In one transaction, or in several. */
  readonly how: 'whole' | 'batches';
  /** An earlier migration had begun the move; `rows` are those of this one. */
  readonly resumed: boolean;
  /** Time it took; with `dryRun`, the estimate. */
  readonly seconds: number;
}

export interface TableMigration {
  /** Main table, as schema.table. */
  readonly table: string;
  readonly direction: 'to-auxiliary' | 'to-main';
  readonly groups: readonly MovedGroup[];
  /** Groups that another migration, which is alive, is moving. */
  readonly leftToOthers: readonly string[];
  /** Groups past the threshold that were not begun, because of `maxGroups` or `signal`. */
  readonly remaining: number;
}

export interface MigrationReport {
  readonly tables: readonly TableMigration[];
  readonly dryRun: boolean;
  /** The signal fired before everything was moved: the same migration again goes on. */
  readonly stopped: boolean;
  /** What the estimates of a dry run rest on. */
  readonly rate: { readonly rowsPerSecond: number; readonly measured: boolean } | null;
}
