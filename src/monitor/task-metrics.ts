import { TASK_STATES } from '../core/task-state.ts';
import type { Reader } from '../database/session.ts';
import { readOverviews, type TaskOverview } from '../operations/task-overview.ts';
import { readPacesOf, readTaskCounts } from './listed-tasks.ts';
import type { Metric, MetricSample } from './metrics-text.ts';
import type { Pace } from './pace.ts';

/** Most running tasks that have samples of their own: each is a time series in Prometheus. */
const MOST_TASKS = 200;

/** What `/metrics` says: all tasks by status, and each running one by itself. */
export async function readMetrics(reader: Reader): Promise<Metric[]> {
  const running = await readOverviews(reader, { status: 'RUNNING', limit: MOST_TASKS });
  const [paces, counts] = await Promise.all([readPacesOf(reader, running), readTaskCounts(reader)]);
  return [countMetric(counts), ...runningMetrics(running, paces)];
}

function countMetric(counts: Readonly<Record<string, number>>): Metric {
  // A status without tasks is 0 and not missing, so that an alert on it can be tried.
  const all = new Set([...TASK_STATES, ...Object.keys(counts)]);
  return {
    name: 'relyt_tasks',
    help: 'Tasks in relyt_sys by status.',
    type: 'gauge',
    samples: [...all].map((status) => ({ labels: { status }, value: counts[status] ?? 0 })),
  };
}

interface TaskGauge {
  readonly name: string;
  readonly help: string;
  /** Undefined or null: the task has no such sample. */
  readonly value: (task: TaskOverview, pace: Pace | undefined) => number | null | undefined;
}

const TASK_GAUGES: readonly TaskGauge[] = [
  { name: 'alive', help: '1 while its process shows signs of life, else 0.', value: aliveOf },
  { name: 'records_imported', help: 'Records imported so far.', value: ({ records }) => records },
  { name: 'records_rejected', help: 'Records rejected so far.', value: ({ rejected }) => rejected },
  {
    name: 'files_imported',
    help: 'Staged files imported so far.',
    value: ({ files }) => files.imported,
  },
  {
    name: 'files_waiting',
    help: 'Frozen files not imported yet.',
    value: (_, pace) => pace?.waitingFiles,
  },
  {
    name: 'records_per_second',
    help: 'Records imported in a second, over the newest minute.',
    value: (_, pace) => pace?.recordsPerSecond,
  },
  {
    name: 'lag_seconds',
    help: 'Age of the oldest frozen file that is not imported.',
    value: (_, pace) => pace?.lagSeconds,
  },
];

function runningMetrics(
  tasks: readonly TaskOverview[],
  paces: ReadonlyMap<string, Pace>,
): Metric[] {
  return TASK_GAUGES.map(({ name, help, value }) => ({
    name: `relyt_task_${name}`,
    help: `${help} Running tasks only.`,
    type: 'gauge',
    samples: tasks.flatMap((task): MetricSample[] => {
      const found = value(task, paces.get(task.processId)) ?? null;
      const labels = { process_id: task.processId, table: task.table };
      return found === null ? [] : [{ labels, value: found }];
    }),
  }));
}

function aliveOf({ alive, connected }: TaskOverview): number | null {
  return alive === null ? null : Number(alive && connected !== false);
}
