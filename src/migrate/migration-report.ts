import type { MoveDirection } from '../database/statements/move-row.ts';
import type { ErrorCode, ErrorDetails } from '../errors.ts';

/** A group that was moved, or with `dryRun` would be. */
export interface MovedGroup {
  readonly group: string;
  /** That of the table, or another where an earlier migration had begun the move. */
  readonly direction: MoveDirection;
  /** Rows that moved. */
  readonly rows: number;
  /** Rows of the other table that gave way to one of the group with the same key (`onConflict` 'update'). */
  readonly replaced: number;
  /** Rows of the group that gave way to one of the other table with the same key (`onConflict` 'nothing'). */
  readonly dropped: number;
  /** In one transaction, or in several. */
  readonly how: 'whole' | 'batches';
  /** An earlier migration had begun the move; `rows` are those of this one. */
  readonly resumed: boolean;
  /** Time it took; with `dryRun`, the estimate. */
  readonly seconds: number;
}

/** A group that could not be moved, for a reason that a person must fix. It is whole, and the others moved on. */
export interface FailedGroup {
  readonly group: string;
  readonly direction: MoveDirection;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly details: ErrorDetails;
}

export interface TableMigration {
  /** Main table, as schema.table. */
  readonly table: string;
  readonly direction: MoveDirection;
  readonly groups: readonly MovedGroup[];
  /** Groups that could not be moved. They are tried again by the next migration. */
  readonly failed: readonly FailedGroup[];
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
