import type { Command } from 'commander';
import { collected, oneOf, wholeNumber } from '../argument-parsers.ts';
import {
  addConnectionOptions,
  type ConnectionFlags,
  withConnection,
} from '../connection-options.ts';
import type { ExitCode } from '../exit-code.ts';
import { storedSource } from '../load/stored-source.ts';
import { addLoaderConfigOptions } from '../loader-config-options.ts';
import { type ResumeFlags, readResumable, resumeRefused } from '../resume/resumable-task.ts';
import { resumeFile } from '../resume/resume-file.ts';
import { resumeStaged } from '../resume/resume-staged.ts';
import type { RunCommand } from '../run-command.ts';
import type { Terminal } from '../terminal.ts';

const CHANGES = ['onConflict', 'columns', 's3Location', 'source'] as const;

const HELP = `
A task that relyt load began with a file goes on where it stands, and every record is loaded exactly once.
For a task of an application, what is staged is imported; the position it prints is where the application has to go
on (BulkProcessor.resume). With --finish nothing more is expected, and the task is COMPLETED.`;

export function addResumeCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  const command = program
    .command('resume')
    .description('continue a task that failed or whose process died')
    .argument('<task>', 'process id of the task')
    .option('--finish', 'import what is staged and end the task: COMPLETED')
    .option(
      '--allow-change <name>',
      `a setting that may differ: ${CHANGES.join(', ')} (may be repeated)`,
      (text, before?: readonly string[]) => collected(oneOf(CHANGES)(text), before),
    )
    .option('--batch-size <n>', 'most records of a staged file', wholeNumber(1))
    .option('--concurrency <n>', 'imports at once', wholeNumber(1))
    .option(
      '--max-errors <n>',
      'rejected records to tolerate, earlier ones included',
      wholeNumber(0),
    )
    .option('--json', 'print one JSON object at the end')
    .option('--quiet', 'print nothing but errors');
  addLoaderConfigOptions(command);
  addConnectionOptions(command).addHelpText('after', HELP);
  command.action((processId: string, flags: ConnectionFlags & ResumeFlags) =>
    run(() => resume(processId, flags, terminal)),
  );
}

async function resume(
  processId: string,
  flags: ConnectionFlags & ResumeFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const task = await withConnection(flags, (database) => readResumable(database, processId, flags));
  const source = storedSource(task.settings);
  if (flags.finish || source === undefined) return resumeStaged(task, flags, terminal);
  if (source.kind === 'file') return resumeFile(task, source, { flags, terminal });
  throw resumeRefused(
    processId,
    `was loaded from ${source.name}, which cannot be read again`,
    `Load the same input again with \`relyt load --resume\`, or let it end with what is staged: \`relyt resume --finish\` (safe are the first ${task.lastOrdinal} records).`,
  );
}
