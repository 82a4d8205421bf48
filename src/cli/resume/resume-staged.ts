import { BulkProcessor } from '../../bulk-processor.ts';
import type { BulkProcessorConfig } from '../../config/load-config.ts';
import { count, counted } from '../../core/figures.ts';
import { shellWord } from '../../shell-word.ts';
import { changedSettings } from '../allow-change-option.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import type { ResumableTask, ResumeFlags } from './resumable-task.ts';

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
  task: ResumableTask,
  flags: ResumeFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const { processId, target, connection, config, settings, allowChanges } = task;
  const { columns } = settings as Pick<BulkProcessorConfig, 'columns'>;
  const processor = await BulkProcessor.resume(
    processId,
    { ...config, postgresql: { ...connection, ...target }, columns: columns ?? undefined },
    { allowChanges: changedSettings(allowChanges) },
  );
  if (flags.finish) await processor.shutdown();
  else await processor.suspend('what was staged is imported; its source has to go on');
  const { imported, rejected, received } = processor.progress();
  const outcome: StagedOutcome = {
    processId,
    table: `${target.schema}.${target.table}`,
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
      : `The task stays open (FAILED) for the application: it goes on after record ${count(received)}, position ${JSON.stringify(position)}. To end it instead: relyt resume ${shellWord(processId)} --finish.`;
  return `Imported ${counted(imported, 'staged record')} into ${table}. ${next}`;
}
