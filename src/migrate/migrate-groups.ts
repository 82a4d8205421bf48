import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { AccessConfig } from '../config/access-config.ts';
import { resolveAccess } from '../config/access-schema.ts';
import type { Dialect } from '../core/dialect.ts';
import { Database } from '../database/database.ts';
import { databaseError } from '../database/database-error.ts';
import { ensureSchema } from '../database/schema/install.ts';
import { measuredRate } from '../database/statements/move-row.ts';
import { detectEngine } from '../engines/detect.ts';
import { RelytError } from '../errors.ts';
import { candidatesOf, movesInBatches } from './candidates.ts';
import { checkTable } from './check-table.ts';
import {
  type MigrateOptions,
  type ResolvedMigration,
  resolveMigration,
} from './migrate-options.ts';
import type { MigratedTable } from './migrated-table.ts';
import type { MigrationReport, TableMigration } from './migration-report.ts';
import { readRouted } from './read-routed.ts';
import { TableMigrationRun } from './table-migration.ts';

/** One for the transactions of a move, one for its heartbeat, one to cancel with. */
const CONNECTIONS = 3;
/** Where nothing was measured: a move of small rows with one index, on a small machine. */
const ASSUMED_ROWS_PER_SECOND = 50_000;

export async function moveGroups(
  config: AccessConfig,
  options: MigrateOptions,
): Promise<MigrationReport> {
  const migration = resolveMigration(options);
  const { postgresql } = resolveAccess(config);
  const database = new Database(postgresql, {
    connections: CONNECTIONS,
    applicationName: 'relyt migrate',
  });
  try {
    const { engine, dialect } = await detectEngine(database, 'auto');
    await ensureSchema(database, { engine, dialect });
    return await migrateTables(database, dialect, migration);
  } catch (error) {
    throw sayingWhoMay(databaseError(error, 'migrate groups'));
  } finally {
    await database.close();
  }
}

/** The code's own hint is for loaders, who need other rights. */
function sayingWhoMay(error: RelytError): RelytError {
  const { code, message, details, cause } = error;
  if (code !== 'DATABASE_PERMISSION_DENIED') return error;
  return new RelytError(code, message, {
    details,
    hint: 'Run the migration as the owner of the main and the auxiliary table: `relyt init --routing` has given that role the rights it needs.',
    cause,
  });
}

/** The same on a connection that is there, and for a dialect that is known. */
export async function migrateTables(
  database: Database,
  dialect: Dialect,
  options: ResolvedMigration,
): Promise<MigrationReport> {
  // All tables are looked at before the first group moves.
  const migratedTables: MigratedTable[] = [];
  for (const table of options.tables) {
    const migrated = await openTable(database, dialect, { table, options });
    await checkTable(database, migrated);
    migratedTables.push(migrated);
  }
  return options.dryRun
    ? dryRun(database, migratedTables, options)
    : moveAll(migratedTables, options);
}

async function openTable(
  database: Database,
  dialect: Dialect,
  {
    table,
    options,
  }: { readonly table: { schema: string; table: string }; readonly options: ResolvedMigration },
): Promise<MigratedTable> {
  const mainTable = `${table.schema}.${table.table}`;
  const { groupColumn } = options;
  const routed = await readRouted(database.sharedReads(), { ...table, groupColumn });
  const owner = `${hostname()}:${process.pid}#${randomBytes(4).toString('hex')}`;
  return { database, dialect, routed, mainTable, owner, options };
}

async function moveAll(
  migratedTables: readonly MigratedTable[],
  options: ResolvedMigration,
): Promise<MigrationReport> {
  const tables: TableMigration[] = [];
  let left = options.maxGroups;
  let stopped = false;
  for (const migrated of migratedTables) {
    if (stopped) break;
    const run = new TableMigrationRun(migrated);
    stopped = !(await run.run(left));
    left -= run.moved.filter(({ resumed }) => !resumed).length;
    tables.push(tableReport(migrated, run));
  }
  return { tables, dryRun: false, stopped, rate: null };
}

async function dryRun(
  database: Database,
  migratedTables: readonly MigratedTable[],
  options: ResolvedMigration,
): Promise<MigrationReport> {
  const [measured] = await database.query<{ rate: number | null }>(measuredRate());
  const rowsPerSecond = measured?.rate || ASSUMED_ROWS_PER_SECOND;
  const tables: TableMigration[] = [];
  let left = options.maxGroups;
  for (const migrated of migratedTables) {
    const run = new TableMigrationRun(migrated);
    const found = await candidatesOf(migrated);
    for (const { group, rows } of found.slice(0, left)) {
      const how = movesInBatches(migrated, rows) ? 'batches' : 'whole';
      const seconds = rows / rowsPerSecond;
      const none = { replaced: 0, dropped: 0, resumed: false };
      run.moved.push({ group, direction: run.direction, rows, ...none, how, seconds });
    }
    run.remaining = found.length - run.moved.length;
    left -= run.moved.length;
    tables.push(tableReport(migrated, run));
  }
  const rate = { rowsPerSecond, measured: Boolean(measured?.rate) };
  return { tables, dryRun: true, stopped: false, rate };
}

function tableReport(migrated: MigratedTable, run: TableMigrationRun): TableMigration {
  const { direction, moved, failed, leftToOthers, remaining } = run;
  return { table: migrated.mainTable, direction, groups: moved, failed, leftToOthers, remaining };
}
