/** A load as a command: progress, a stop on request, and how it ended. */

import { EXIT, type ExitCode } from '../exit-code.ts';
import { reportError } from '../report-error.ts';
import { StopRequest } from '../signals.ts';
import type { Terminal } from '../terminal.ts';
import type { FileLoad } from './file-load.ts';
import type { LoadLog } from './load-log.ts';
import { ProgressLog } from './progress-log.ts';
import { ProgressReport } from './progress-report.ts';
import { interruptedError, summaryJson, summaryLines } from './summary.ts';

export interface OutputFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** Undefined where no log was asked for. */
  readonly log?: LoadLog | undefined;
}

/** @param open gets the signal that stops the intake */
export async function runLoad(
  open: (signal: AbortSignal) => Promise<FileLoad>,
  flags: OutputFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  let begun: FileLoad | undefined;
  using stop = new StopRequest((name) => {
    noteRun(terminal, flags, stopNote(name, begun));
  });
  await using fileLoad = await open(stop.signal);
  begun = fileLoad;
  {
    using _progress = shownProgress(terminal, flags, fileLoad);
    await fileLoad.run();
  }
  const outcome = fileLoad.outcome();
  if (stop.name !== undefined && !outcome.complete) {
    return reportError(terminal, interruptedError(stop.name, outcome), {
      json: flags.json === true,
      logsJson: flags.log?.isJson === true,
      also: { skipRecords: outcome.recordsDone },
    });
  }
  if (flags.json) terminal.printJson(summaryJson(outcome));
  else if (!flags.quiet) terminal.print(...summaryLines(outcome));
  return outcome.progress.rejected > 0 ? EXIT.rejected : EXIT.done;
}

/** A line about the run, where it may stand. */
export function noteRun(terminal: Terminal, { json, quiet, log }: OutputFlags, text: string): void {
  if (log?.isJson) log.info({}, text);
  else if (json !== true && quiet !== true) {
    terminal.clearProgress();
    terminal.note(text);
  }
}

function shownProgress(
  terminal: Terminal,
  { json, quiet, log }: OutputFlags,
  load: FileLoad,
): Disposable | undefined {
  if (log?.isJson) return new ProgressLog(log, load);
  if (json === true || quiet === true) return undefined;
  return new ProgressReport(terminal, load, { tellsRejects: log === undefined });
}

/** Also says how to go on, for a user who does not wait for the end. */
function stopNote(name: string, begun: FileLoad | undefined): string {
  const note = `${name}: importing what was read; a second signal ends at once`;
  return begun === undefined ? note : `${note}. To continue afterwards: ${begun.outcome().goOn}`;
}
