import type { Statement } from '../statement.ts';
import type { Writer } from './file.ts';

/** Gives up every file that is not imported. The caller holds the task's epoch (`holdEpoch`). */
export const cancelFiles = (writer: Writer, error: string): Statement => ({
  text: `update relyt_sys.relyt_loader_file set status = 'ERROR', error = $2
where process_id = $1 and status <> 'IMPORTED'`,
  values: [writer.processId, error],
});
