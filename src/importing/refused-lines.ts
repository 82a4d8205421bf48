import { lineOf } from '../core/record-lines.ts';
import type { Session } from '../database/session.ts';
import { type FileLines, keepLines, linesOfFiles } from '../database/statements/record-lines.ts';
import { RelytError } from '../errors.ts';

/** The lines, in the source, of records that the database refused: known where `insert()` was told them. */

/** A record the database refused, as it was kept. */
export interface RefusedRecord {
  readonly ordinal: number;
  readonly code: string;
  readonly column: string | null;
  /** The constraint it violates, where it is one and the database names it. */
  readonly constraint?: string | null;
  readonly reason: string;
  /** Its line in the source, where that is known. */
  readonly line?: number;
}

/** Files of an import. */
interface ImportedFiles {
  readonly processId: string;
  readonly fileIds: readonly number[];
}

/** Keeps the lines of the rejected records, and returns the records with them. */
export async function withLines(
  session: Session,
  place: ImportedFiles,
  refused: readonly RefusedRecord[],
): Promise<readonly RefusedRecord[]> {
  const lines = await readLines(session, place);
  if (lines.length === 0) return refused;
  const placed = refused.map((record) => {
    const line = findLine(lines, record.ordinal);
    return line === undefined ? record : { ...record, line };
  });
  const known = placed.flatMap(({ ordinal, line }) =>
    line === undefined ? [] : { ordinal, line },
  );
  if (known.length > 0) await session.execute(keepLines(place.processId, known));
  return placed;
}

/** The error of a record that the database refused, with its line. Reading it must not hide what was refused. */
export async function errorAtLine(
  session: Session,
  fileIds: readonly number[],
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof RelytError)) return error;
  const { processId, record, sqlstate } = error.details;
  if (processId === undefined || record === undefined || sqlstate === undefined) return error;
  const lines = await readLines(session, { processId, fileIds }).catch(() => []);
  const line = findLine(lines, record);
  if (line === undefined) return error;
  return new RelytError(error.code, withLineOf(error.message, record, line), {
    details: { ...error.details, line },
    hint: error.hint,
    cause: error.cause,
  });
}

/** The number of a record, as a message has it, followed by its line. */
function withLineOf(message: string, record: number, line: number): string {
  return message.replace(new RegExp(`\\brecord ${record}\\b`), `$& (line ${line})`);
}

function readLines(session: Session, { processId, fileIds }: ImportedFiles): Promise<FileLines[]> {
  return session.query<FileLines>(linesOfFiles(processId, fileIds));
}

/** The files of an import follow one another. */
function findLine(lines: readonly FileLines[], ordinal: number): number | undefined {
  const file = lines.find(({ first, last }) => first <= ordinal && ordinal <= last);
  return file && lineOf(file.runs, ordinal);
}
