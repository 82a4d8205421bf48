/** The command line: parses arguments, runs one command, reports its error. */

import { Command, CommanderError } from 'commander';
import { VERSION } from '../version.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { asksForJsonLog } from './load/log-flags.ts';
import { applySettings } from './project/apply-settings.ts';
import { type ProjectFile, readProjectFile } from './project/project-file.ts';
import { addProjectOption, namedProjectFile } from './project/project-option.ts';
import { reportError, reportUsage } from './report-error.ts';
import type { RunCommand } from './run-command.ts';
import type { Terminal } from './terminal.ts';

type AddCommand = (program: Command, terminal: Terminal, run: RunCommand) => void;

/** In the order in which the help lists them. Each brings what it runs: it is loaded when it is wanted. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  init: async () => (await import('./commands/init.ts')).addInitCommand,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctorCommand,
  engines: async () => (await import('./commands/engines.ts')).addEnginesCommand,
  load: async () => (await import('./commands/load.ts')).addLoadCommand,
  tasks: async () => (await import('./commands/tasks.ts')).addTasksCommand,
  show: async () => (await import('./commands/show.ts')).addShowCommand,
  errors: async () => (await import('./commands/errors.ts')).addErrorsCommand,
  resume: async () => (await import('./commands/resume.ts')).addResumeCommand,
  abort: async () => (await import('./commands/abort.ts')).addAbortCommand,
  gc: async () => (await import('./commands/gc.ts')).addGcCommand,
  migrate: async () => (await import('./commands/migrate.ts')).addMigrateCommand,
  uninstall: async () => (await import('./commands/uninstall.ts')).addUninstallCommand,
  completion: async () => (await import('./commands/completion.ts')).addCompletionCommand,
  monitor: async () => (await import('./commands/monitor.ts')).addMonitorCommand,
  dev: async () => (await import('./commands/dev.ts')).addDevCommand,
};

/** Help, completion, a project file and the report of an unknown command need all commands, the version none. */
function commandsFor(
  first: string,
  project: ProjectFile | undefined,
): readonly (() => Promise<AddCommand>)[] {
  if (first === '--version' || first === '-V') return [];
  const isOne = first !== 'completion' && project === undefined && Object.hasOwn(COMMANDS, first);
  const named = isOne ? COMMANDS[first] : undefined;
  return named === undefined ? Object.values(COMMANDS) : [named];
}

/** Never rejects: an error is reported and becomes the exit code. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const report = { json: args.includes('--json'), logsJson: asksForJsonLog(args) };
  let exitCode: ExitCode = EXIT.done;
  const run: RunCommand = async (work) => {
    exitCode = await work();
  };
  try {
    const [first = ''] = args;
    const project = await readProjectFile(namedProjectFile(args), process.cwd());
    const program = commandLine(terminal);
    for (const load of commandsFor(first, project)) (await load())(program, terminal, run);
    program.commands.forEach(addProjectOption);
    if (project !== undefined) applySettings(program, first, project);
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(terminal, error, report);
    return reportError(terminal, error, report);
  }
}

function commandLine(terminal: Terminal): Command {
  return new Command('relyt')
    .description('load records in bulk into the PostgreSQL family, through S3, exactly once')
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
  0 success, 1 failure, 2 wrong usage, 3 success, but records were rejected (within --max-errors),
  130 and 143 ended at once by a second signal (SIGINT, SIGTERM)`,
    );
}
