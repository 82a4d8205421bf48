import type { Connected } from '../../connected.ts';
import { count, counted } from '../../core/figures.ts';
import type { TaskDetails } from '../../operations/show-task.ts';
import { shellWord } from '../../shell-word.ts';
import { changedSettings } from '../allow-change-option.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import { changedLoad, type ResumeFlags } from './resume-flags.ts';

interface StagedOutcome {
  readonly processId: string;
  readonly table: string;
  readonly status: 'COMPLETED' | 'FAILED';
  /** Records of this run. */
  readonly imported: number;
  /** Of the whole task. */
  readonly rejected: number;
  readonly received: number;
  /** Where the application has to go on; null when it gave none. */
  readonly position: unknown;
}

/** Imports what is staged and cleans up. Without `--finish` the application that has the records can resume the task. */
export async function resumeStaged(
  relyt: Connected,
  { processId, table }: Pick<TaskDetails, 'processId' | 'table'>,
  { flags, terminal }: { readonly flags: ResumeFlags; readonly terminal: Terminal },
): Promise<ExitCode> {
  const allowChanges = changedSettings(flags.allowChange ?? []);
  const processor = await relyt.resume(processId, changedLoad(flags), { allowChanges });
  if (flags.finish) await processor.shutdown();
  else await processor.suspend('what was staged is imported; its source has to go on');
  const { imported, rejected, received } = processor.progress();
  const outcome: StagedOutcome = {
    processId,
    table,
    status: flags.finish ? 'COMPLETED' : 'FAILED',
    imported,
    rejected,
    received,
    position: processor.position ?? null,
  };
  if (flags.json) terminal.printJson({ ok: true, ...outcome });
  else if (!flags.quiet) terminal.print(outcomeLines(outcome));
  return rejected > 0 ? EXIT.rejected : EXIT.done;
}

function outcomeLines(outcome: StagedOutcome): string {
  const { processId, imported, table, received, position, status } = outcome;
  const next =
    status === 'COMPLETED'
      ? 'The task is COMPLETED.'
      : `The task stays open (FAILED) for the application: it continues after record ${count(received)}, position ${JSON.stringify(position)}. To end it instead: relyt resume ${shellWord(processId)} --finish.`;
  return `Imported ${counted(imported, 'staged record')} into ${table}. ${next}`;
}
