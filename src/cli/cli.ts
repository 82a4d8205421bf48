/** The command line: parses arguments, runs one command, reports its error. */

import { Command, CommanderError } from 'commander';
import { VERSION } from '../version.ts';
import { addAbortCommand } from './commands/abort.ts';
import { addDevCommand } from './commands/dev.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addEnginesCommand } from './commands/engines.ts';
import { addErrorsCommand } from './commands/errors.ts';
import { addGcCommand } from './commands/gc.ts';
import { addInitCommand } from './commands/init.ts';
import { addLoadCommand } from './commands/load.ts';
import { addMigrateCommand } from './commands/migrate.ts';
import { addResumeCommand } from './commands/resume.ts';
import { addShowCommand } from './commands/show.ts';
import { addTasksCommand } from './commands/tasks.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { reportError, reportUsage } from './report-error.ts';
import type { RunCommand } from './run-command.ts';
import type { Terminal } from './terminal.ts';

/** Never rejects: an error is reported and becomes the exit code. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const json = args.includes('--json');
  let exitCode: ExitCode = EXIT.done;
  const run: RunCommand = async (work) => {
    exitCode = await work();
  };
  try {
    await commandLine(terminal, run).parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(terminal, error, json);
    return reportError(terminal, error, { json });
  }
}

function commandLine(terminal: Terminal, run: RunCommand): Command {
  const program = new Command('relyt')
    .description('Bulk loader for the PostgreSQL family: records go through S3 into a table.')
    .version(VERSION)
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(...text.trimEnd().split('\n')),
      writeErr: (text) => terminal.note(...text.trimEnd().split('\n')),
      // Errors are reported once, by reportUsage.
      outputError: () => {},
    })
    .addHelpText(
      'after',
      `
Exit codes:
  0 done, 1 failed, 2 wrong usage, 3 done but records were rejected (within --max-errors),
  130 and 143 ended at once by a second signal (SIGINT, SIGTERM)`,
    );
  addInitCommand(program, terminal, run);
  addDoctorCommand(program, terminal, run);
  addEnginesCommand(program, terminal, run);
  addLoadCommand(program, terminal, run);
  addTasksCommand(program, terminal, run);
  addShowCommand(program, terminal, run);
  addErrorsCommand(program, terminal, run);
  addResumeCommand(program, terminal, run);
  addAbortCommand(program, terminal, run);
  addGcCommand(program, terminal, run);
  addMigrateCommand(program, terminal, run);
  addDevCommand(program, terminal, run);
  return program;
}
