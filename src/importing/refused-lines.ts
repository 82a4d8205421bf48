import { lineOf } from '../core/record-lines.ts';
import type { Session } from '../database/session.ts';
import { type FileLines, keepLines, linesOfFiles } from '../database/statements/record-lines.ts';

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

/** The line of one record of an import, where it is known. Not to learn it must not hide why it is asked for. */
export async function lineOfRecord(
  session: Session,
  place: ImportedFiles,
  ordinal: number,
): Promise<number | undefined> {
  const lines = await readLines(session, place).catch(() => []);
  return findLine(lines, ordinal);
}

function readLines(session: Session, { processId, fileIds }: ImportedFiles): Promise<FileLines[]> {
  return session.query<FileLines>(linesOfFiles(processId, fileIds));
}

/** The files of an import follow one another. */
function findLine(lines: readonly FileLines[], ordinal: number): number | undefined {
  const file = lines.find(({ first, last }) => first <= ordinal && ordinal <= last);
  return file && lineOf(file.runs, ordinal);
}
