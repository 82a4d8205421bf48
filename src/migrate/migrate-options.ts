import { nearestName } from '../core/nearest-name.ts';
import { RelytError } from '../errors.ts';
import { shortText } from '../records/codecs/refusal.ts';
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

/** Every option there is, and what it has to be; `undefined` is as good as left out. */
const KINDS: { readonly [Name in keyof Required<MigrateOptions>]: Kind } = {
  tables: { is: isTextList, wanted: 'an array of schema.table' },
  threshold: wholeNumber(1, MOST_ROWS),
  conflictMode: {
    is: (value) => value === 'update' || value === 'nothing',
    wanted: "'update' or 'nothing'",
  },
  batchRows: wholeNumber(1, MOST_ROWS),
  dryRun: { is: isOf('boolean'), wanted: 'true or false' },
  maxGroups: wholeNumber(1, MOST_ROWS),
  back: { is: isOf('boolean'), wanted: 'true or false' },
  groupColumn: { is: isOf('string'), wanted: 'the name of a column' },
  leaseSeconds: wholeNumber(3, 3600),
  signal: { is: (value) => value instanceof AbortSignal, wanted: 'an AbortSignal' },
  onProgress: { is: isOf('function'), wanted: 'a function' },
};
const REQUIRED = ['tables', 'threshold'] as const;

/** @throws RelytError CONFIG_INVALID naming the wrong option */
export function resolveMigration(options: MigrateOptions): ResolvedMigration {
  check(options);
  const { tables, threshold, conflictMode = 'update' } = options;
  if (tables.length === 0) throw invalid('tables', 'names no table', 'Name at least one table.');
  return {
    tables: distinctTables(tables),
    threshold,
    conflictMode,
    batchRows: options.batchRows ?? DEFAULT_BATCH_ROWS,
    dryRun: options.dryRun ?? false,
    maxGroups: options.maxGroups ?? Number.POSITIVE_INFINITY,
    back: options.back ?? false,
    groupColumn: options.groupColumn,
    leaseSeconds: options.leaseSeconds ?? DEFAULT_LEASE_SECONDS,
    signal: options.signal ?? new AbortController().signal,
    onProgress: options.onProgress ?? (() => undefined),
  };
}

/** A misspelt option would be one that is left out: a dry run that moves, a batch of a million rows. */
function check(options: unknown): asserts options is MigrateOptions {
  if (typeof options !== 'object' || options === null)
    throw new RelytError('CONFIG_INVALID', 'the migration is given no options', {
      hint: 'Give an object with at least `tables` and `threshold`.',
    });
  const names = Object.keys(KINDS);
  for (const [name, value] of Object.entries(options)) {
    const kind: Kind | undefined = Object.hasOwn(KINDS, name)
      ? KINDS[name as keyof MigrateOptions]
      : undefined;
    if (kind === undefined) throw unknownOption(name, names);
    if (value !== undefined && !kind.is(value))
      throw invalid(name, `is ${shown(value)}`, `Give ${kind.wanted}.`);
  }
  const given: Partial<MigrateOptions> = options;
  for (const name of REQUIRED)
    if (given[name] === undefined) throw invalid(name, 'is missing', `Give ${KINDS[name].wanted}.`);
}

function unknownOption(name: string, names: readonly string[]): RelytError {
  const nearest = nearestName(name, names);
  return new RelytError('CONFIG_INVALID', `the migration has no option "${shortText(name)}"`, {
    hint: nearest === undefined ? `It has ${names.join(', ')}.` : `Did you mean "${nearest}"?`,
  });
}

function distinctTables(tables: readonly string[]): ResolvedMigration['tables'] {
  const byName = new Map(
    tables.map((text) => {
      const name = qualifiedTableName(separate(text));
      return [`${name.schema}.${name.table}`, name] as const;
    }),
  );
  return [...byName.values()];
}

/** A comma in a name has to be quoted: without quotes, several tables were meant. */
function separate(text: string): string {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length === 1 || text.includes('"')) return text;
  throw invalid(
    'tables',
    `names several tables in one: ${shown(text)}`,
    `Separate them by spaces, \`--tables ${parts.join(' ')}\`; in code, give each as a text of its own.`,
  );
}

interface Kind {
  readonly is: (value: unknown) => boolean;
  /** Completes "Give …". */
  readonly wanted: string;
}

function wholeNumber(min: number, max: number): Kind {
  return {
    is: (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
    wanted: `a whole number from ${min} to ${max}`,
  };
}

function isOf(type: 'boolean' | 'string' | 'function'): Kind['is'] {
  return (value) => typeof value === type;
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isOf('string'));
}

/** A text is quoted: '5' is no number. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `"${shortText(value)}"`;
  const isPlain = value === null || typeof value === 'number' || typeof value === 'boolean';
  return isPlain ? String(value) : Array.isArray(value) ? 'an array' : `of type ${typeof value}`;
}

function invalid(option: string, problem: string, hint: string): RelytError {
  return new RelytError('CONFIG_INVALID', `the option ${option} of the migration ${problem}`, {
    hint,
  });
}
