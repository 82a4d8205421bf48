import { conflictMode } from '../core/conflict-mode.ts';
import { MOST_STAGED_COLUMNS, RESERVED_COLUMNS } from '../core/reserved-columns.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import { checkKeyColumns } from '../core/update-columns.ts';
import type { Writer } from '../core/writer.ts';
import type { Engine } from '../engines/engine.ts';
import { RelytError } from '../errors.ts';
import type { ImportTarget } from '../importing/import-attempt.ts';
import type { LayoutRules } from '../records/layout-choice.ts';
import { takesRowsStraight } from '../target/straight-copy.ts';
import type { LoadPlan } from './plan-load.ts';

/**
 * What the imports of a task write to, once its columns are known.
 * @throws RelytError TABLE_UNSUPPORTED before anything is staged; COLUMN_MISSING, CONFIG_INVALID;
 *   DATABASE_PERMISSION_DENIED naming the GRANT to run
 */
export function importTarget(
  { config, table, rights, routed, reading }: LoadPlan,
  writer: Writer,
  columns: readonly TargetColumn[],
): ImportTarget {
  checkNames(table, columns);
  checkNumber(table, columns);
  const mode = conflictMode(config.onConflict, table, columns);
  const { conflictColumns, updateColumns } = config;
  checkKeyColumns({ table, mode, columns, conflictColumns, updateColumns });
  const changed = columns
    .filter(({ identity }) => identity !== 'always')
    .map(({ name }) => name)
    .filter((name) => mayChange(name, table, updateColumns));
  rights.require({ mode, columns: changed });
  return { writer, table, columns, mode, updateColumns, routed, reading };
}

/** The key counts: by it the rights of an update are looked for. */
function mayChange(
  name: string,
  { key }: TargetTable,
  updateColumns: readonly string[] | undefined,
): boolean {
  return updateColumns === undefined || updateColumns.includes(name) || key.includes(name);
}

type LayoutPlan = Pick<
  LoadPlan,
  'config' | 'engine' | 'repertoire' | 'copyFacts' | 'rights' | 'table'
>;

/** Nothing is to be reduced, and nothing is routed. What changes meanwhile, each import sees for itself. */
function goesStraight(
  { config, copyFacts, rights, table }: LayoutPlan,
  columns: readonly TargetColumn[],
): boolean {
  return (
    copyFacts !== undefined &&
    rights.routed === undefined &&
    conflictMode(config.onConflict, table, columns) === 'insert' &&
    takesRowsStraight(copyFacts, columns)
  );
}

/** What decides how the records of a load are written. @throws RelytError ENGINE_UNSUPPORTED */
export function layoutRules(plan: LayoutPlan): LayoutRules {
  const { config, engine, repertoire } = plan;
  const { readsBinary } = engine.profile;
  const wanted = config.layout;
  if (wanted !== 'binary' || (readsBinary && repertoire === undefined)) {
    return { wanted, readsBinary, goesStraight: (columns) => goesStraight(plan, columns) };
  }
  const why = readsBinary
    ? `the encoding of the database is ${repertoire?.encoding}, and text in binary files is UTF-8`
    : `the engine '${engine.profile.engine}' reads CSV only`;
  throw new RelytError('ENGINE_UNSUPPORTED', `The layout 'binary' cannot be used: ${why}.`, {
    hint: "Leave `layout` at 'auto', or set it to 'csv'.",
  });
}

/** Segments deal the files of a folder out among them, so their number is a multiple of that of the segments. */
export function filesPerImport({
  config,
  engine,
  segments,
}: Pick<LoadPlan, 'config' | 'segments'> & { engine: Pick<Engine, 'profile'> }): number {
  const most = Math.min(config.batchImportSize, engine.profile.maxFilesPerImport);
  return Math.ceil(most / segments) * segments;
}

function checkNames(table: TargetTable, columns: readonly TargetColumn[]): void {
  const reserved = columns.find((column) => RESERVED_COLUMNS.includes(column.name));
  if (reserved === undefined) return;
  const shown = `${table.schema}.${table.name}`;
  throw new RelytError(
    'TABLE_UNSUPPORTED',
    `The column "${reserved.name}" of ${shown} has a name that the loader needs for itself.`,
    {
      details: { table: shown, column: reserved.name },
      hint: 'Rename the column, or leave it out with `columns`.',
    },
  );
}

/** What an isolation could not hold must not be staged: its records could be neither loaded nor rejected. */
function checkNumber(table: TargetTable, columns: readonly TargetColumn[]): void {
  if (columns.length <= MOST_STAGED_COLUMNS) return;
  const shown = `${table.schema}.${table.name}`;
  throw new RelytError(
    'TABLE_UNSUPPORTED',
    `${columns.length} columns of ${shown} are to be loaded, but the loader can load at most ${MOST_STAGED_COLUMNS}: it needs some of the 1600 that a table can have for itself.`,
    {
      details: { table: shown },
      hint: `Leave columns out with \`columns\` (--columns): a load takes at most ${MOST_STAGED_COLUMNS}, and the others get their defaults.`,
    },
  );
}
