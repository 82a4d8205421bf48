import type { Command } from 'commander';
import type { RelytError } from '../../errors.ts';
import type { TaskDetails } from '../../operations/show-task.ts';
import { allowChangeOption } from '../allow-change-option.ts';
import { wholeNumber } from '../argument-parsers.ts';
import { addConnectionOptions } from '../connection-options.ts';
import { addEngineDetails } from '../engine-option.ts';
import type { ExitCode } from '../exit-code.ts';
import { handleOf } from '../handle.ts';
import { storedSource } from '../load/stored-source.ts';
import { addLoaderConfigOptions, s3AccessOf } from '../loader-config-options.ts';
import { foundSource, resumeFile } from '../resume/resume-file.ts';
import type { ResumeFlags } from '../resume/resume-flags.ts';
import { resumeRefused } from '../resume/resume-refused.ts';
import { resumeStaged } from '../resume/resume-staged.ts';
import type { RunCommand } from '../run-command.ts';
import type { Terminal } from '../terminal.ts';

const HELP = `
A task that relyt load started with a file continues where it stopped, and every record is loaded exactly once. Name the
file if it has moved, or if another role started the task: the path that this role stored is not opened.
For a task of an application, resume imports what is staged, and prints the position where the application must continue
(BulkProcessor.resume). With --finish no more records are expected, and the task is COMPLETED.`;

export function addResumeCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  const command = program
    .command('resume')
    .description('continue a task that failed or whose process died')
    .argument('<task>', 'process id of the task')
    .argument(
      '[file]',
      'where the file of the task is; default where it was, if this role began the task',
    )
    .option('--finish', 'import what is staged and end the task: COMPLETED')
    .addOption(allowChangeOption())
    .option('--batch-size <n>', 'maximum number of records in a staged file', wholeNumber(1))
    .option('--concurrency <n>', 'number of imports at the same time', wholeNumber(1))
    .option(
      '--max-errors <n>',
      'maximum number of rejected records, earlier ones included',
      wholeNumber(0),
    )
    .option('--json', 'print one JSON object at the end')
    .option('--quiet', 'print only errors');
  addEngineDetails(command);
  addLoaderConfigOptions(command);
  addConnectionOptions(command).addHelpText('after', HELP);
  command.action((processId: string, file: string | undefined, flags: ResumeFlags) =>
    run(() => resume({ processId, file }, flags, terminal)),
  );
}

async function resume(
  { processId, file }: { readonly processId: string; readonly file: string | undefined },
  flags: ResumeFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const relyt = handleOf(flags, s3AccessOf(flags));
  const details = await relyt.task(processId);
  const out = { flags, terminal };
  // Refuses them, and says why.
  if (details.task === null || isEnded(details)) return resumeStaged(relyt, details, out);
  const source = storedSource(details.task.settings);
  if (file !== undefined && (flags.finish || source?.kind !== 'file')) throw readsNoFile(processId);
  if (flags.finish || source === undefined) return resumeStaged(relyt, details, out);
  if (source.kind === 'file') return resumeFile(processId, foundSource(details, source, file), out);
  throw resumeRefused(
    processId,
    `was loaded from ${source.name}, which cannot be read again`,
    `Load the same input again with \`relyt load … --resume PROCESS_ID\`, or let it end with what is staged: \`relyt resume PROCESS_ID --finish\` (safe are the first ${details.task.lastOrdinal} records).`,
  );
}

function isEnded({ status }: TaskDetails): boolean {
  return status === 'COMPLETED' || status === 'CANCELLED';
}

function readsNoFile(processId: string): RelytError {
  return resumeRefused(
    processId,
    'was not begun with a file, or is to be finished without one',
    'Leave the file out.',
  );
}
