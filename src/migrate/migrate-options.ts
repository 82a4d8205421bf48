import { z } from 'zod';
import { leaseSeconds } from '../config/access-schema.ts';
import { checked, type Problem, quotable } from '../config/checked-config.ts';
import { shortText } from '../core/short-text.ts';
import { RelytError } from '../errors.ts';
import { qualifiedTableName } from '../routing/qualified-table-name.ts';
import { shellWord } from '../shell-word.ts';

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

/** `limit` and `offset` of a batch stay exact. */
const MOST_ROWS = 1_000_000_000;

const rows = z.int().min(1).max(MOST_ROWS);
const ROWS = { wanted: `a whole number from 1 to ${MOST_ROWS}` };
const SWITCH = { wanted: 'true or false' };

const neverAborted = () => new AbortController().signal;
const toldNobody = () => () => undefined;

/** The one description of what a migration is told. None of it is secret, so all of it may be quoted. */
const migrationSchema = z.strictObject({
  tables: z
    .array(z.string())
    .readonly()
    .describe('Main tables as schema.table.')
    .register(quotable, { wanted: 'an array of schema.table' }),
  threshold: rows
    .describe(
      'Groups with at least this many rows move to the auxiliary table; with `back`, those with fewer move to the main one.',
    )
    .register(quotable, ROWS),
  onConflict: z
    .enum(['update', 'nothing'])
    .default('update')
    .describe(
      "A key that is in both tables: 'update' keeps the row that moves, 'nothing' the one that is there.",
    )
    .register(quotable, { wanted: "'update' or 'nothing'" }),
  batchRows: rows
    .default(1_000_000)
    .describe('Maximum number of rows in one transaction; bigger groups move in several.')
    .register(quotable, ROWS),
  dryRun: z
    .boolean()
    .default(false)
    .describe('Change nothing; say what would be moved.')
    .register(quotable, SWITCH),
  maxGroups: rows
    .default(Number.POSITIVE_INFINITY)
    .describe('Maximum number of groups to move, all tables together.')
    .register(quotable, ROWS),
  back: z
    .boolean()
    .default(false)
    .describe('Move groups from the auxiliary to the main table.')
    .register(quotable, SWITCH),
  groupColumn: z
    .string()
    .optional()
    .describe('Column of the groups, if it is neither group_id nor routing_id.')
    .register(quotable, { wanted: 'the name of a column' }),
  leaseSeconds: leaseSeconds
    .describe(
      'How long after its last sign of life another migration may take over a move of this one, in seconds.',
    )
    .register(quotable, { wanted: 'a whole number from 3 to 3600' }),
  signal: z
    .custom<AbortSignal>((value) => value instanceof AbortSignal)
    .default(neverAborted)
    .describe(
      'Stops the migration: the transaction under way is rolled back, and the report says what was done.',
    )
    .register(quotable, { wanted: 'an AbortSignal' }),
  onProgress: z
    .custom<(progress: MigrationProgress) => void>((value) => typeof value === 'function')
    .default(toldNobody)
    .describe('Told after every transaction.')
    .register(quotable, { wanted: 'a function' }),
});

/** What is moved, and how. */
export type MigrateOptions = z.input<typeof migrationSchema>;

/** The options with their defaults, and the tables as names. */
export interface ResolvedMigration extends Omit<z.output<typeof migrationSchema>, 'tables'> {
  readonly tables: readonly { readonly schema: string; readonly table: string }[];
}

/** @throws RelytError CONFIG_INVALID naming the wrong option */
export function resolveMigration(given: MigrateOptions): ResolvedMigration {
  const options = checked(migrationSchema, given, refusal);
  const { tables } = options;
  if (tables.length === 0) throw invalid('tables', 'names no table', 'Name at least one table.');
  return { ...options, tables: distinctTables(tables) };
}

/** A misspelt option says why another one is missing, so it comes first. */
function refusal(problems: readonly Problem[]): RelytError {
  const unknown = problems.find((problem) => problem.unknown !== undefined)?.unknown;
  const [misspelt] = unknown?.names ?? [];
  if (unknown !== undefined && misspelt !== undefined) {
    const { name, nearest } = misspelt;
    return new RelytError('CONFIG_INVALID', `The migration has no option "${shortText(name)}".`, {
      hint:
        nearest === undefined
          ? `Use the options it has: ${unknown.known.join(', ')}.`
          : `Did you mean "${nearest}"?`,
    });
  }
  const [quoted] = problems.flatMap((problem) => problem.quoted ?? []);
  if (quoted === undefined)
    return new RelytError('CONFIG_INVALID', 'The migration got no options.', {
      hint: 'Give an object with at least `tables` and `threshold`.',
    });
  const { setting, value, wanted } = quoted;
  return invalid(setting, value === undefined ? 'is missing' : `is ${value}`, `Give ${wanted}.`);
}

function distinctTables(tables: readonly string[]): ResolvedMigration['tables'] {
  const byName = new Map(
    tables.map((text) => {
      const name = qualifiedTableName(separate(text));
      return [JSON.stringify(name), name] as const;
    }),
  );
  return [...byName.values()];
}

/** A comma in a name must be quoted: without quotes, several tables were meant. */
function separate(text: string): string {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length === 1 || text.includes('"')) return text;
  throw invalid(
    'tables',
    `names several tables in one: "${shortText(text)}"`,
    `Separate them by spaces, \`--tables ${parts.map(shellWord).join(' ')}\`; in code, give each as a string of its own.`,
  );
}

function invalid(option: string, problem: string, hint: string): RelytError {
  return new RelytError('CONFIG_INVALID', `The option ${option} of the migration ${problem}.`, {
    hint,
  });
}
