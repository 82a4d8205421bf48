import type { Command } from 'commander';
import { count } from '../../core/figures.ts';
import type { TableName } from '../../core/table-name.ts';
import { TASK_STATES, type TaskState } from '../../core/task-state.ts';
import type { TaskOverview } from '../../operations/task-overview.ts';
import { shownStatus } from '../../operations/task-status.ts';
import { oneOf, tableArgument, wholeNumber } from '../argument-parsers.ts';
import { addConnectionOptions, type ConnectionFlags } from '../connection-options.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { handleOf } from '../handle.ts';
import type { RunCommand } from '../run-command.ts';
import { short, textTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface TasksFlags extends ConnectionFlags {
  readonly status?: TaskState;
  readonly table?: TableName;
  readonly limit: number;
  readonly json?: boolean;
}

const HELP = `
A RUNNING task whose process sent no heartbeat for the time of its lease is shown as RUNNING (dead); one whose process
has no connection to the database at the moment, as RUNNING (no process). In both cases relyt resume continues it, after
a second look, and relyt abort cancels it. Tasks of another SDK are marked foreign.`;

export function addTasksCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  const command = program
    .command('tasks')
    .description('list the tasks of a database, newest first')
    .option(
      '--status <status>',
      `only tasks in this state: ${TASK_STATES.join(', ')}`,
      oneOf(TASK_STATES),
    )
    .option('--table <schema.table>', 'only tasks into this table', tableArgument)
    .option('--limit <n>', 'maximum number of tasks to list', wholeNumber(1), 20)
    .option('--json', 'print one JSON object');
  addConnectionOptions(command).addHelpText('after', HELP);
  command.action((flags: TasksFlags) => run(() => tasks(flags, terminal)));
}

async function tasks(flags: TasksFlags, terminal: Terminal): Promise<ExitCode> {
  const { status, table, limit } = flags;
  const name = table && `${table.schema}.${table.table}`;
  const found = await handleOf(flags).tasks({ status, table: name, limit });
  if (flags.json) terminal.printJson({ ok: true, tasks: found });
  else terminal.print(...(found.length === 0 ? ['No tasks.'] : overviewTable(found)));
  return EXIT.done;
}

function overviewTable(tasks: readonly TaskOverview[]): string[] {
  const headings = [
    'TASK',
    'KEY',
    'TABLE',
    'STATUS',
    'OWNER',
    'STARTED',
    'LAST INSERT',
    'FILES',
    'RECORDS',
    'REJECTED',
    'ERROR',
  ];
  const rows = tasks.map((task) => [
    task.processId,
    short(task.key ?? '', 40),
    task.table,
    shownStatus(task),
    task.owner ?? (task.foreign ? '(foreign)' : ''),
    task.startedAt,
    task.lastInsertAt ?? '-',
    `${task.files.imported}/${task.files.total}`,
    task.records === null ? '-' : count(task.records),
    count(task.rejected),
    short(task.error ?? '', 60),
  ]);
  return textTable(headings, rows, { right: ['FILES', 'RECORDS', 'REJECTED'] });
}
