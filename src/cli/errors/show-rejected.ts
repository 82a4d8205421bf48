import { jsonLine } from '../../core/control-characters.ts';
import type { RejectedRecord } from '../../operations/rejected-records.ts';
import { inputPosition } from '../load/stored-position.ts';
import { short, textTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** Tables for people, a page at a time; ends when the reader has gone. */
export async function showRejected(
  terminal: Terminal,
  pages: AsyncIterable<readonly RejectedRecord[]>,
): Promise<void> {
  let isFirst = true;
  for await (const page of pages) {
    if (!(await terminal.printPaced(rejectTable(page, isFirst)))) return;
    isFirst = false;
  }
  if (isFirst) terminal.print('No rejected records.');
}

/** One JSON object a line; ends when the reader has gone. */
export async function detailRejected(
  terminal: Terminal,
  pages: AsyncIterable<readonly RejectedRecord[]>,
): Promise<void> {
  for await (const page of pages) {
    const lines = page.map((rejected) => jsonLine(atOwnPlace(rejected)));
    if (!(await terminal.printRecords(lines))) return;
  }
}

/** The position is that of the records it came with; of a file that this command read, the line says where it stands. */
function atOwnPlace(rejected: RejectedRecord): RejectedRecord {
  const { line, position } = rejected;
  const isOfInput = position === null || inputPosition(position) !== undefined;
  return line !== null && isOfInput ? { ...rejected, position: { line } } : rejected;
}

function placeOf({ line, position }: RejectedRecord): string {
  if (line !== null) return `line ${line}`;
  return position === null ? '-' : JSON.stringify(position);
}

function rejectTable(records: readonly RejectedRecord[], withHeadings: boolean): string[] {
  const rows = records.map((record) => {
    const { ordinal, stage, code, column, reason } = record;
    return [
      String(ordinal).padStart(8),
      stage.padEnd(6),
      code.padEnd(15),
      short(column ?? '-', 20).padEnd(20),
      short(placeOf(record), 24).padEnd(24),
      short(reason, 120),
    ];
  });
  const headings = [
    '  RECORD',
    'STAGE ',
    'CODE           ',
    'COLUMN'.padEnd(20),
    'POSITION'.padEnd(24),
    'REASON',
  ];
  if (withHeadings) return textTable(headings, rows);
  return rows.map((row) => row.join('  '));
}
