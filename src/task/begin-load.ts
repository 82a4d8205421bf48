import { keyLanes } from '../records/lanes.ts';
import { encoderFor, firstLayout } from '../records/layout-choice.ts';
import { resolveMapping } from '../records/mapping.ts';
import { PartPool } from '../staging/part-pool.ts';
import type { GenerationLimits } from './generation.ts';
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
  const { config, table, repertoire, s3 } = plan;
  const { columns } = config;
  const mapping = resolveMapping({ table, columns, first, staged: stagedColumns });
  const staged = mapping.columns.map(({ column }) => column);
  const target = importTarget(plan, writer, staged);
  const ordered = target.mode !== 'insert';
  const lanes = ordered && keyLanes(table, staged).supported ? config.concurrency : 1;
  const buffers = Math.max(Math.floor(config.bufferBytes / s3.partSizeBytes), 2 * lanes + 2);
  const pool = new PartPool({ bufferBytes: s3.partSizeBytes, capacity: buffers });
  const limits = generationLimits(plan);
  const options = { table, mapping, lanes, repertoire };
  // The open generation must fit as well, or it would wait for itself.
  const open = lanes * limits.filesPerLane;
  const load = new LoadTask(task, {
    encoder: (layout) => encoderFor(options, layout),
    layout: firstLayout(options, layoutRules(plan)),
    imports: new TaskImports(task, target),
    openFile: (place) => openStagedFile(task, pool, place),
    generationLimits: limits,
    maxAgeMs: config.fileWriteTimeoutSeconds * 1000,
    maxPendingFiles: BACKLOG_IMPORTS * config.concurrency * filesPerImport(plan) + open,
  });
  end.settles(load);
  return load;
}

function generationLimits(plan: LoadPlan): GenerationLimits {
  const { config, engine } = plan;
  return {
    maxRecords: config.batchSize,
    maxBytes: config.maxFileBytes,
    filesPerLane: engine.profile.folderPerImport ? filesPerImport(plan) : 1,
  };
}
