import { RelytError } from '../errors.ts';
import { qualifiedTableName } from '../routing/table-name.ts';

/** What is moved, and how. */
export interface MigrateOptions {
  /** Main tables as schema.table. */
  readonly tables: readonly string[];
  /** Groups with at least so many rows move to the auxiliary table; with `back`, those with fewer move to the main one. */
  readonly threshold: number;
  /** A key that is in both tables: 'update' (default) keeps the row that moves, 'nothing' the one that is there. */
  readonly conflictMode?: 'update' | 'nothing' | undefined;
  /** Most rows of one transaction; bigger groups move in several. Default 1,000,000. */
  readonly batchRows?: number | undefined;
  /** Change nothing; say what would be moved. */
  readonly dryRun?: boolean | undefined;
  /** Most groups to move, all tables together. */
  readonly maxGroups?: number | undefined;
  /** Move groups from the auxiliary to the main table. */
  readonly back?: boolean | undefined;
  /** Column of the groups, if it is neither group_id nor routing_id. */
  readonly groupColumn?: string | undefined;
  /** How long after its last sign of life another migration may take over a move of this one, in seconds. Default 30. */
  readonly leaseSeconds?: number | undefined;
  /** Stops the migration: the transaction under way is rolled back, and the report says what was done. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: MigrationProgress) => void) | undefined;
}

/** Where a migration is; told after every transaction. */
export interface MigrationProgress {
  readonly table: string;
  readonly group: string;
  /** `move`: the whole group in one transaction; `copy` and `clean`: the two halves of a move in several. */
  readonly step: 'move' | 'copy' | 'clean';
  /** Rows of this step so far, of about `rowsTotal`. */
  readonly rows: number;
  readonly rowsTotal: number;
  /** Groups of this table that are done, of `groupsTotal`. */
  readonly groups: number;
  readonly groupsTotal: number;
}

export interface ResolvedMigration {
  readonly tables: readonly { readonly schema: string; readonly table: string }[];
  readonly threshold: number;
  readonly conflictMode: 'update' | 'nothing';
  readonly batchRows: number;
  readonly dryRun: boolean;
  readonly maxGroups: number;
  readonly back: boolean;
  readonly groupColumn: string | undefined;
  readonly leaseSeconds: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: MigrationProgress) => void;
}

const DEFAULT_BATCH_ROWS = 1_000_000;
const DEFAULT_LEASE_SECONDS = 30;
/** `limit` and `offset` of a batch stay exact. */
const MOST_ROWS = 1_000_000_000;

/** @throws RelytError CONFIG_INVALID naming the wrong option */
export function resolveMigration(options: MigrateOptions): ResolvedMigration {
  const { tables, threshold, conflictMode = 'update' } = options;
  if (tables.length === 0) throw invalid('tables', 'names no table', 'Name at least one table.');
  wholeNumber('threshold', threshold, 1, MOST_ROWS);
  const batchRows = options.batchRows ?? DEFAULT_BATCH_ROWS;
  wholeNumber('batchRows', batchRows, 1, MOST_ROWS);
  const leaseSeconds = options.leaseSeconds ?? DEFAULT_LEASE_SECONDS;
  wholeNumber('leaseSeconds', leaseSeconds, 3, 3600);
  if (options.maxGroups !== undefined) wholeNumber('maxGroups', options.maxGroups, 1, MOST_ROWS);
  if (conflictMode !== 'update' && conflictMode !== 'nothing')
    throw invalid('conflictMode', 'is unknown', "Use 'update' or 'nothing'.");
  return {
    tables: distinctTables(tables),
    threshold,
    conflictMode,
    batchRows,
    dryRun: options.dryRun ?? false,
    maxGroups: options.maxGroups ?? Number.POSITIVE_INFINITY,
    back: options.back ?? false,
    groupColumn: options.groupColumn,
    leaseSeconds,
    signal: options.signal ?? new AbortController().signal,
    onProgress: options.onProgress ?? (() => undefined),
  };
}

function distinctTables(tables: readonly string[]): ResolvedMigration['tables'] {
  const byName = new Map(
    tables.map((text) => {
      const name = qualifiedTableName(text);
      return [`${name.schema}.${name.table}`, name] as const;
    }),
  );
  return [...byName.values()];
}

function wholeNumber(option: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw invalid(option, `is ${value}`, `Give a whole number from ${min} to ${max}.`);
}

function invalid(option: string, problem: string, hint: string): RelytError {
  return new RelytError('CONFIG_INVALID', `the option ${option} of the migration ${problem}`, {
    hint,
  });
}
