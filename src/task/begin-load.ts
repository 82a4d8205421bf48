import { keyLanes } from '../records/lanes.ts';
import { encoderFor, firstLayout } from '../records/layout-choice.ts';
import { resolveMapping } from '../records/mapping.ts';
import { PartPool } from '../staging/part-pool.ts';
import type { ClosedGenerations } from './closed-generations.ts';
import { Freezer } from './freezer.ts';
import type { GenerationLimits } from './generation.ts';
import { HeldGenerations } from './held-generations.ts';
import { filesPerImport, importTarget, layoutRules } from './import-target.ts';
import { LoadTask } from './load-task.ts';
import { openStagedFile } from './open-staged-file.ts';
import type { OpenTask } from './open-task.ts';
import type { LoadPlan } from './plan-load.ts';
import { TaskImports } from './task-imports.ts';

/** Frozen files that insert() lets pile up, in units of one import. */
const BACKLOG_IMPORTS = 2;

/**
 * Begins to load. The first record decides the staged columns, unless `columns` names them.
 *
 * G3: where order matters, files of a lane are imported one after the other, and records of equal keys share
 * a lane. Keys whose equality text cannot show get one lane, that is one import at a time.
 * @throws RelytError RECORD_INVALID, COLUMN_…, TABLE_UNSUPPORTED, DATABASE_PERMISSION_DENIED
 */
export function beginLoad(task: OpenTask, first: unknown): LoadTask {
  const { plan, writer, end, stagedColumns } = task;
  const { config, table, repertoire, staging } = plan;
  const { columns } = config;
  const mapping = resolveMapping({ table, columns, first, staged: stagedColumns });
  const staged = mapping.columns.map(({ column }) => column);
  const target = importTarget(plan, writer, staged);
  const ordered = target.mode !== 'insert';
  const spread = ordered && staging.kind === 's3' && keyLanes(table, staged).supported;
  const lanes = spread ? config.concurrency : 1;
  const pool = partPool(plan, lanes);
  const atOnce = mostAtOnce(plan);
  const limits = generationLimits(plan, atOnce);
  const imports = new TaskImports(task, target);
  const options = { table, mapping, lanes, repertoire };
  // The open generation must fit as well, or it would wait for itself.
  const open = lanes * limits.filesPerLane;
  const load = new LoadTask(task, {
    encoder: (layout) => encoderFor(options, layout),
    layout: firstLayout(options, layoutRules(plan)),
    imports,
    closed: closedGenerations(task, imports, atOnce),
    openFile: (place) => openStagedFile(task, pool, place),
    generationLimits: limits,
    maxAgeMs: config.fileWriteTimeoutSeconds * 1000,
    isOverdrawn: () => staging.kind === 'memory' && staging.store.isOverdrawn,
    maxPendingFiles: BACKLOG_IMPORTS * config.concurrency * filesPerImport(plan) + open,
  });
  end.settles(load);
  return load;
}

function closedGenerations(
  task: OpenTask,
  imports: TaskImports,
  atOnce: number,
): ClosedGenerations {
  const { staging } = task.plan;
  if (staging.kind === 's3') return new Freezer(task, imports);
  return new HeldGenerations(task, imports, { held: staging.store, atOnce });
}

/** Buffers of files in memory, which S3's least size of a part does not bind. */
const HELD_BUFFER_BYTES = 1024 * 1024;

function partPool({ config, staging }: LoadPlan, lanes: number): PartPool {
  const bufferBytes = staging.kind === 's3' ? staging.s3.partSizeBytes : HELD_BUFFER_BYTES;
  const capacity = Math.max(Math.floor(config.bufferBytes / bufferBytes), 2 * lanes + 2);
  return new PartPool({ bufferBytes, capacity });
}

/** Imports from memory at the same time: more than one where the database knows which waits for which. */
function mostAtOnce({ config, copyFacts, rights }: LoadPlan): number {
  const meetByLocks = rights.routed === undefined && copyFacts?.meetsByLocks === true;
  return meetByLocks ? config.concurrency : 1;
}

/** In memory one file is open while others are imported, and each may take a buffer more than its bytes (G5). */
function generationLimits(plan: LoadPlan, atOnce: number): GenerationLimits {
  const { config, engine, staging } = plan;
  const buffers = Math.floor(config.bufferBytes / HELD_BUFFER_BYTES / (atOnce + 1)) - 1;
  const share = Math.max(1, buffers) * HELD_BUFFER_BYTES;
  return {
    maxRecords: config.batchSize,
    maxBytes: staging.kind === 's3' ? config.maxFileBytes : Math.min(config.maxFileBytes, share),
    filesPerLane: engine.profile.folderPerImport ? filesPerImport(plan) : 1,
  };
}
