import { redact } from '../core/redaction.ts';
import type { Reader } from '../database/session.ts';
import {
  newestFiles,
  newestImports,
  readThroughput,
  type ThroughputRow,
  type TimelineFileRow,
  type TimelineImportRow,
} from '../database/statements/task-timeline.ts';
import { readDetails, type TaskDetails } from '../operations/show-task.ts';
import { advice, nextCommands, shownStatus } from '../operations/task-status.ts';
import { readPacesOf } from './listed-tasks.ts';
import type { Pace } from './pace.ts';
import { type Throughput, throughputOf } from './throughput.ts';

/** One task as its page shows it. */
export interface TaskView {
  readonly details: TaskDetails;
  readonly shown: string;
  readonly advice: string;
  readonly commands: readonly string[];
  /** Null unless it is RUNNING, and of this package. */
  readonly pace: Pace | null;
  /** The newest of its files and imports, the newest first. */
  readonly files: readonly TimelineFileRow[];
  readonly imports: readonly TimelineImportRow[];
  readonly throughput: Throughput;
}

/** Files and imports on the timeline: more could not be told apart. */
const MOST_SHOWN = 60;
/** Spans of the chart. */
const SPANS = 200;

/** @throws RelytError TASK_NOT_FOUND, SCHEMA_MISSING */
export async function readTaskView(reader: Reader, processId: string): Promise<TaskView> {
  const details = await readDetails(reader, processId);
  const own = details.foreign ? undefined : processId;
  const [paces, files, imports, spans] = await Promise.all([
    readPacesOf(reader, [details]),
    own === undefined ? [] : reader.query<TimelineFileRow>(newestFiles(own, MOST_SHOWN)),
    own === undefined ? [] : reader.query<TimelineImportRow>(newestImports(own, MOST_SHOWN)),
    own === undefined ? [] : reader.query<ThroughputRow>(readThroughput(own, SPANS)),
  ]);
  return {
    details,
    shown: shownStatus(details),
    advice: advice(details.next, processId),
    commands: nextCommands(details.next, processId),
    pace: paces.get(processId) ?? null,
    files: files.map((file) => ({ ...file, error: file.error && redact(file.error) })),
    imports,
    throughput: throughputOf(spans),
  };
}
