import type { Command } from 'commander';
import { counted } from '../../core/figures.ts';
import type { AbortedTask } from '../../operations/abort-task.ts';
import { addConnectionOptions, type ConnectionFlags } from '../connection-options.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { handleOf } from '../handle.ts';
import {
  addLoaderConfigOptions,
  type LoaderConfigFlags,
  s3AccessOf,
} from '../loader-config-options.ts';
import type { RunCommand } from '../run-command.ts';
import type { Terminal } from '../terminal.ts';

interface AbortFlags extends ConnectionFlags, LoaderConfigFlags {
  readonly force?: boolean;
  readonly json?: boolean;
}

const HELP = `
Deletes what is staged and not imported. The task can no longer be resumed. Imported rows stay.`;

export function addAbortCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  const command = program
    .command('abort')
    .description('cancel a task that failed or whose process died')
    .argument('<task>', 'process id of the task')
    .option('--force', 'take the task away from a process that is alive')
    .option('--json', 'print one JSON object');
  addLoaderConfigOptions(command);
  addConnectionOptions(command).addHelpText('after', HELP);
  command.action((processId: string, flags: AbortFlags) =>
    run(() => abort(processId, flags, terminal)),
  );
}

async function abort(processId: string, flags: AbortFlags, terminal: Terminal): Promise<ExitCode> {
  const relyt = handleOf(flags, s3AccessOf(flags));
  const aborted = await relyt.abort(processId, { force: flags.force });
  if (flags.json) terminal.printJson({ ok: true, ...aborted });
  else terminal.print(abortedLine(aborted));
  return EXIT.done;
}

function abortedLine({ processId, table, ...did }: AbortedTask): string {
  const files = counted(did.filesDiscarded, 'staged file');
  const records = counted(did.recordsDiscarded, 'record');
  return [
    `Aborted ${processId} into ${table}: gave up ${files} with ${records},`,
    `${counted(did.objectsDeleted, 'object')} deleted, ${counted(did.uploadsAborted, 'upload')} aborted.`,
  ].join(' ');
}
