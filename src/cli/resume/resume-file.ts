import path from 'node:path';
import type { TaskDetails } from '../../operations/show-task.ts';
import { startedLoad } from '../../operations/started-load.ts';
import { connectionOf } from '../connection-options.ts';
import type { ExitCode } from '../exit-code.ts';
import { FileLoad } from '../load/file-load.ts';
import { runLoad } from '../load/run-load.ts';
import { inputPosition } from '../load/stored-position.ts';
import { checkUnchanged, type FileSource, storedFormat } from '../load/stored-source.ts';
import { s3AccessOf } from '../loader-config-options.ts';
import type { Terminal } from '../terminal.ts';
import { changedLoad, type ResumeFlags } from './resume-flags.ts';
import { resumeRefused } from './resume-refused.ts';

/**
 * Continues with a file. It is entered at the position that is stored with the task; the few records after it that
 * are safe already are skipped.
 * @throws RelytError RESUME_REFUSED when the file is gone or has changed
 */
export async function resumeFile(
  processId: string,
  source: FileSource,
  { flags, terminal }: { readonly flags: ResumeFlags; readonly terminal: Terminal },
): Promise<ExitCode> {
  const connection = connectionOf(flags);
  const access = { postgresql: connection, ...s3AccessOf(flags) };
  const started = await startedLoad(access, processId, changedLoad(flags));
  const { postgresql: _, columns: __, ...settings } = started.config;
  const { allowChange: allowChanges = [] } = flags;
  await checkUnchanged(processId, source, allowChanges.includes('source'));
  const open = (signal: AbortSignal) =>
    FileLoad.open(source.path, {
      connection,
      target: started.target,
      format: storedFormat(source),
      skipRecords: source.skipRecords,
      resume: { processId, allowChanges, from: inputPosition(started.task.position) },
      settings,
      signal,
    });
  return runLoad(open, flags, terminal);
}

/**
 * The file of a task, where the caller says it is or where the task says it was. The word of another role is not taken
 * for that: it could name any file that this role can read, and have it loaded into a table of its own (G7).
 * @throws RelytError RESUME_REFUSED
 */
export function foundSource(
  { processId, task }: TaskDetails,
  source: FileSource,
  file: string | undefined,
): FileSource {
  if (file !== undefined) return { ...source, path: path.resolve(file) };
  if (task?.ofAnotherRole !== true) return source;
  throw resumeRefused(
    processId,
    `was begun by the role ${JSON.stringify(task.ownerRole)}, whose choice of the file to read is not trusted: ${JSON.stringify(source.path)}`,
    'If it is the right file, name it: relyt resume PROCESS_ID FILE. To import only what is staged, run relyt resume PROCESS_ID --finish.',
  );
}
