import { actsOnTerminal, jsonLine } from '../../core/control-characters.ts';
import { counted } from '../../core/figures.ts';
import { RelytError } from '../../errors.ts';
import {
  type ColumnValue,
  columnValues,
  type RecordLayout,
} from '../../operations/record-layout.ts';
import type { RejectedRecord } from '../../operations/rejected-records.ts';
import { inputPosition } from '../load/stored-position.ts';
import { short, textTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { csvHeader, csvRecord, ndjsonRecord, unloadableField } from './reloadable.ts';

export type RejectForm = 'table' | 'ndjson' | 'csv' | 'details';

/** Writes rejected records as they come, so that any number of them can be exported. */
export class RejectWriter {
  readonly #terminal: Terminal;
  readonly #form: RejectForm;
  readonly #layout: RecordLayout;
  #written = 0;
  #unreadable = 0;
  #missing = 0;
  #escaped = 0;

  constructor(terminal: Terminal, form: RejectForm, layout: RecordLayout) {
    this.#terminal = terminal;
    this.#form = form;
    this.#layout = layout;
  }

  /** @throws RelytError CONFIG_INVALID when the columns of a CSV file are not known */
  async begin(): Promise<void> {
    if (this.#form !== 'csv') return;
    if (this.#layout.columns.length === 0) {
      throw new RelytError('CONFIG_INVALID', 'The table is gone, so its columns are not known.', {
        hint: 'Say --format ndjson.',
      });
    }
    await this.#terminal.printRecords([csvHeader(this.#layout)]);
  }

  /** False when the reader has gone. */
  async write(records: readonly RejectedRecord[]): Promise<boolean> {
    const isFirst = this.#written === 0;
    this.#written += records.length;
    if (this.#form === 'table') return this.#terminal.printPaced(rejectTable(records, isFirst));
    return this.#terminal.printRecords(records.flatMap((record) => this.#line(record) ?? []));
  }

  /** What the records alone do not tell goes to stderr. */
  end(): void {
    if (this.#form === 'table' && this.#written === 0) this.#terminal.print('No rejected records.');
    if (this.#unreadable > 0) {
      const some = counted(this.#unreadable, 'line');
      this.#terminal.note(`${some} could not be read as a record: correct or remove them`);
    }
    if (this.#escaped > 0) {
      const some = counted(this.#escaped, 'record');
      this.#terminal.note(
        `${some} with control characters stand as JSON in one field, which no load takes: --format ndjson keeps them`,
      );
    }
    if (this.#missing > 0) {
      const some = counted(this.#missing, 'record');
      this.#terminal.note(`${some} could not be kept, see --details`);
    }
  }

  #line(rejected: RejectedRecord): string | undefined {
    if (this.#form === 'details') return jsonLine(atOwnPlace(rejected));
    const values = columnValues(rejected, this.#layout);
    if (values !== undefined) {
      return this.#form === 'csv' ? this.#csvLine(values) : ndjsonRecord(values, this.#layout);
    }
    if (typeof rejected.record !== 'string') {
      this.#missing++;
      return undefined;
    }
    this.#unreadable++;
    return this.#form === 'csv' ? this.#unreadCsv(rejected.record) : unreadLine(rejected.record);
  }

  #csvLine(values: readonly ColumnValue[]): string {
    const line = csvRecord(values, this.#layout);
    if (!actsOnTerminal(line)) return line;
    this.#escaped++;
    return unloadableField(ndjsonRecord(values, this.#layout), this.#layout);
  }

  #unreadCsv(text: string): string {
    return actsOnTerminal(text) ? unloadableField(jsonLine(text), this.#layout) : text;
  }
}

/** A broken object is best corrected as it is; other text becomes a JSON text, to keep to one line. */
function unreadLine(text: string): string {
  return /^\s*\{[^\r\n]*$/.test(text) && !actsOnTerminal(text) ? text : jsonLine(text);
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
