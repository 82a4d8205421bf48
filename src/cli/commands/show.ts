import type { Command } from 'commander';
import { bytes, count, counted } from '../../core/figures.ts';
import type { TaskDetails, TaskRecord } from '../../operations/show-task.ts';
import { advice, shownStatus } from '../../operations/task-status.ts';
import { addConnectionOptions, type ConnectionFlags } from '../connection-options.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { handleOf } from '../handle.ts';
import type { RunCommand } from '../run-command.ts';
import { shownLayout } from '../shown-layout.ts';
import { textTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface ShowFlags extends ConnectionFlags {
  readonly json?: boolean;
}

export function addShowCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  const command = program
    .command('show')
    .description('show everything about one task, and what to do next')
    .argument('<task>', 'process id of the task')
    .option('--json', 'print one JSON object');
  addConnectionOptions(command);
  command.action((processId: string, flags: ShowFlags) =>
    run(() => show(processId, flags, terminal)),
  );
}

async function show(processId: string, flags: ShowFlags, terminal: Terminal): Promise<ExitCode> {
  const details = await handleOf(flags).task(processId);
  if (flags.json) terminal.printJson({ ok: true, ...details });
  else terminal.print(...detailLines(details));
  return EXIT.done;
}

function detailLines(details: TaskDetails): string[] {
  const { task } = details;
  return [
    `task         ${details.processId}`,
    ...(details.key === null ? [] : [`key          ${details.key}`]),
    `table        ${details.table}`,
    `status       ${shownStatus(details)}${details.foreign ? ' (foreign: made by another SDK)' : ''}`,
    `started      ${details.startedAt}`,
    `last insert  ${details.lastInsertAt ?? 'none'}`,
    ...(details.owner === null ? [] : [`owner        ${details.owner}`]),
    ...(task === null ? [] : taskLines(task)),
    `rejected     ${counted(details.rejected, 'record')}`,
    ...(details.error === null ? [] : [`error        ${details.error}`]),
    `next         ${advice(details.next, details.processId)}`,
    '',
    ...filesTable(details),
    ...failedLines(task),
  ];
}

function taskLines({ lease, rows, ...task }: TaskRecord): string[] {
  const { imports, records, inserted, updated, skipped, superseded } = rows;
  const left = lease.leftSeconds > 0 ? `${lease.leftSeconds} s left` : 'run out';
  return [
    `lease        epoch ${lease.epoch}, last sign of life ${lease.heartbeatAt}, ${left} of ${lease.seconds} s`,
    `imported     ${counted(records, 'record')} by ${counted(imports, 'import')}: ${count(inserted)} inserted, ${count(updated)} updated, ${count(skipped)} skipped, ${count(superseded)} superseded, ${count(rows.rejected)} rejected`,
    `safe up to   ${safeUpTo(task)}`,
    `columns      ${task.stagedColumns?.join(', ') ?? 'not known yet'}`,
    `layout       ${shownLayouts(task.layouts)}`,
    `settings     ${JSON.stringify(task.settings)}`,
    `made by      relyt-sdk ${task.sdkVersion}, engine ${task.engine}`,
  ];
}

function shownLayouts(layouts: TaskRecord['layouts']): string {
  if (layouts.length === 0) return 'not known yet';
  return layouts.map(shownLayout).join(', then ');
}

function safeUpTo({
  lastOrdinal,
  position,
  replayAfter,
}: Pick<TaskRecord, 'lastOrdinal' | 'position' | 'replayAfter'>): string {
  const record = `record ${count(lastOrdinal)}`;
  if (replayAfter === lastOrdinal) return `${record}, position ${JSON.stringify(position)}`;
  const from = position === null ? 'its beginning' : `position ${JSON.stringify(position)}`;
  return `${record}; the source is replayed from ${from} (after record ${count(replayAfter)}), and what is safe is skipped`;
}

function filesTable({ filesByStatus }: TaskDetails): string[] {
  if (filesByStatus.length === 0) return ['No staged files.'];
  const size = (n: number | null) => (n === null ? '-' : bytes(n));
  const rows = filesByStatus.map((row) => [
    count(row.files),
    count(row.records),
    size(row.encodedBytes),
    size(row.storedBytes),
    row.status,
  ]);
  const right = ['FILES', 'RECORDS', 'ENCODED', 'STORED'];
  return textTable([...right, 'STATUS'], rows, { right });
}

function failedLines(task: TaskRecord | null): string[] {
  return (task?.failedFiles ?? []).map(
    ({ fileId, key, error }) => `file ${fileId} (${key}): ${error ?? 'no reason is known'}`,
  );
}
