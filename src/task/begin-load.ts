import { conflictMode } from '../core/conflict-mode.ts';
import type { RejectBudget } from '../core/reject-budget.ts';
import { RESERVED_COLUMNS } from '../core/reserved-columns.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import { leaseLost } from '../core/task-failure.ts';
import type { Lease } from '../database/lease.ts';
import type { Writer } from '../database/statements/file.ts';
import type { Engine } from '../engines/engine.ts';
import { RelytError } from '../errors.ts';
import type { SafeEmitter } from '../events.ts';
import { createRecordEncoder } from '../records/encoder.ts';
import { keyLanes } from '../records/lanes.ts';
import type { ColumnsOption } from '../records/mapping.ts';
import { resolveMapping } from '../records/mapping.ts';
import { PartPool } from '../staging/part-pool.ts';
import { LoadTask } from './load-task.ts';
import type { TaskLedger } from './task-ledger.ts';
import type { TaskTally } from './task-tally.ts';
import type { TaskWorld } from './task-world.ts';

/** A task and how far its numbers have come: all zero for a new one. */
export interface TaskStart {
  readonly writer: Writer;
  readonly ledger: TaskLedger;
  readonly lease: Lease;
  readonly emitter: SafeEmitter;
  readonly tally: TaskTally;
  readonly rejects: RejectBudget;
  readonly lastFileId: number;
  readonly lastGeneration: number;
  readonly lastImportId: number;
}

/**
 * Begins to load. The first record decides the staged columns, unless `columns` names them.
 *
 * G3: where order matters, files of a lane are imported one after the other, and records of equal keys share
 * a lane. Keys whose equality text cannot show get one lane, that is one import at a time.
 */
export function beginLoad(
  world: TaskWorld,
  start: TaskStart,
  source: {
    readonly first: unknown;
    readonly columns?: ColumnsOption;
    readonly staged?: readonly string[] | undefined;
  },
): LoadTask {
  const { config, table, s3, engine } = world;
  const { profile } = engine;
  const mapping = resolveMapping({
    table,
    columns: source.columns ?? config.columns,
    first: source.first,
    staged: source.staged,
  });
  const columns = mapping.columns.map(({ column }) => column);
  checkNames(table, columns);
  const mode = conflictMode(config.onConflict, table, columns);
  const changed = columns.filter(({ identity }) => identity !== 'always');
  world.rights.require({ mode, columns: changed.map(({ name }) => name) });
  const ordered = mode !== 'insert';
  const lanes = ordered && keyLanes(table, columns).supported ? config.concurrency : 1;
  const gzip = config.compression === 'gzip';
  const buffers = Math.max(Math.floor(config.bufferBytes / s3.partSizeBytes), 2 * lanes + 2);
  const load = new LoadTask({
    ...start,
    ports: { database: world.database, engine, store: world.store },
    target: { writer: start.writer, table, columns, mode, routed: world.routed },
    gzip,
    s3,
    encoder: createRecordEncoder({ table, mapping, lanes }),
    lanes,
    pool: new PartPool({ bufferBytes: s3.partSizeBytes, capacity: buffers }),
    generationLimits: {
      maxRecords: config.batchSize,
      maxBytes: config.maxFileBytes,
      filesPerLane: profile.folderPerImport ? filesPerImport(world) : 1,
    },
    folders: profile.folderPerImport,
    maxAgeMs: config.fileWriteTimeoutSeconds * 1000,
    importer: {
      concurrency: config.concurrency,
      filesPerImport: filesPerImport(world),
      ordered,
      lastImportId: start.lastImportId,
    },
    deleteImported: config.cleanup !== 'never',
  });
  start.lease.whenLost(() => load.fail(leaseLost(start.writer.processId)));
  return load;
}

/** Segments deal the files of a folder out among them, so their number is a multiple of that of the segments. */
export function filesPerImport({
  config,
  engine,
  segments,
}: Pick<TaskWorld, 'config' | 'segments'> & { engine: Pick<Engine, 'profile'> }): number {
  const most = Math.min(config.batchImportSize, engine.profile.maxFilesPerImport);
  return Math.ceil(most / segments) * segments;
}

export function checkNames(table: TargetTable, columns: readonly TargetColumn[]): void {
  const reserved = columns.find((column) => RESERVED_COLUMNS.includes(column.name));
  if (reserved === undefined) return;
  const shown = `${table.schema}.${table.name}`;
  throw new RelytError(
    'TABLE_UNSUPPORTED',
    `the column "${reserved.name}" of ${shown} has a name that the loader needs for itself`,
    {
      details: { table: shown, column: reserved.name },
      hint: 'Rename the column, or leave it out with `columns`.',
    },
  );
}
