/** An error of a load as the command reports it: with the file, the line and how to go on. */

import type { TargetTable } from '../../core/target-table.ts';
import { RelytError } from '../../errors.ts';
import { type ReadAgain, ReadMarks, recordLine } from '../../input/record-line.ts';
import { type FailedLoad, goOnHint, isRecordFault } from './go-on.ts';
import { type FileLoadOptions, isStream } from './load-options.ts';

/** What it takes to find the line of a record. */
export interface Reading extends ReadAgain {
  readonly file: string;
  /** Records of the input before the first one of the task. */
  readonly offset: number;
}

/** The loader counts records; a person looks for the line. */
export function atLine(error: RelytError, file: string, line: number): RelytError {
  const message = error.message.replace(` (line ${line})`, '');
  return new RelytError(error.code, `${file}, line ${line}: ${message}`, {
    details: { ...error.details, line },
    hint: error.hint,
    cause: error.cause,
  });
}

/**
 * @param reading undefined when the input cannot be read again: then the number of the record, which the message
 *   has, is all that is known
 */
export async function explainedFailure(
  error: RelytError,
  load: FailedLoad,
  reading: Reading | undefined,
): Promise<RelytError> {
  const { message, details } = await withLineRead(error, reading);
  return new RelytError(error.code, message, {
    details: { processId: load.processId, ...details },
    hint: goOnHint(error, load),
    cause: error.cause,
  });
}

/** What a task had staged is imported when it is taken over, and a record may be refused already then. */
export function takeOverFailure(
  error: unknown,
  { file, table, options }: { file: string; table: TargetTable; options: FileLoadOptions },
): unknown {
  const { resume, format, skipRecords: offset, signal } = options;
  if (resume === undefined || !(error instanceof RelytError) || !isRecordFault(error)) return error;
  const { processId } = resume;
  const failed = {
    processId,
    isStream: isStream(options),
    nothingStaged: false,
    nothingImported: false,
  };
  // Without a place to enter the file, only the task knows which record was its first.
  const isKnown = resume.from !== undefined;
  const reading = { file, offset, format, table, marks: new ReadMarks(), signal };
  return explainedFailure(error, failed, isKnown ? reading : undefined);
}

/** A record that the database refused was read long before: where its line is not known, it is looked for in the file. */
async function withLineRead(error: RelytError, reading: Reading | undefined): Promise<RelytError> {
  const { record, line, sqlstate } = error.details;
  if (reading === undefined || sqlstate === undefined || record === undefined) return error;
  const found = line ?? (await recordLine(reading.file, reading.offset + record, reading));
  return found === undefined ? error : atLine(error, reading.file, found);
}
