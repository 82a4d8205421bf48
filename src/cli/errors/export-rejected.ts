import { counted } from '../../core/figures.ts';
import type { RejectedLine } from '../../operations/rejected-lines.ts';
import type { Terminal } from '../terminal.ts';

/** Writes the lines as they come, so that any number of them can be exported; ends when the reader has gone. */
export async function exportRejected(
  terminal: Terminal,
  pages: AsyncIterable<readonly RejectedLine[]>,
): Promise<void> {
  const counts = { header: 0, record: 0, unread: 0, escaped: 0, lost: 0 };
  for await (const page of pages) {
    for (const { kind } of page) counts[kind]++;
    const lines = page.flatMap(({ text }) => text ?? []);
    if (!(await terminal.printRecords(lines))) return;
  }
  terminal.note(...notesOn(counts));
}

/** What the records alone do not tell. */
function notesOn(counts: Readonly<Record<RejectedLine['kind'], number>>): string[] {
  const { unread, escaped, lost } = counts;
  const lines: string[] = [];
  if (unread > 0)
    lines.push(`${counted(unread, 'line')} could not be read as a record: correct or remove them`);
  if (escaped > 0)
    lines.push(
      `${counted(escaped, 'record')} with control characters stand as JSON in one field, which no load takes: --format ndjson keeps them`,
    );
  if (lost > 0) lines.push(`${counted(lost, 'record')} could not be kept, see --details`);
  return lines;
}
