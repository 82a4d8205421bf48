/** The line of a record that was read long ago: the database refuses records by their number. */

import type { TargetTable } from '../core/target-table.ts';
import type { FormatOptions } from './format-options.ts';
import { openInput } from './open-input.ts';
import { openRecordSource } from './open-record-source.ts';
import type { InputPosition } from './record-batch.ts';

/** Kept in memory, however long the input is. */
const MOST_MARKS = 1000;

/** Places of an input up to where it was read, so that a record is found without reading everything again. */
export class ReadMarks {
  #marks: InputPosition[] = [];
  /** One of so many places is kept. */
  #stride = 1;
  #passed = 0;

  /** Places come in the order of the input. */
  pass(place: InputPosition): void {
    if (this.#passed++ % this.#stride !== 0) return;
    this.#marks.push(place);
    if (this.#marks.length < MOST_MARKS) return;
    this.#marks = this.#marks.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  /** The last one before a record; undefined when only the beginning of the input is. */
  before(recordNumber: number): InputPosition | undefined {
    return this.#marks.findLast(({ recordCount }) => recordCount < recordNumber);
  }
}

/** How an input was read. */
export interface ReadAgain {
  readonly format: FormatOptions;
  readonly table: TargetTable;
  readonly marks: ReadMarks;
  /** Stops the search. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Physical line where a well-formed record of a file begins, 1-based; `recordNumber` counts the malformed ones, too.
 * Undefined when the file cannot be read any more, or reading was stopped: the number of the record must do then.
 */
export async function recordLine(
  file: string,
  recordNumber: number,
  { format, table, marks, signal }: ReadAgain,
): Promise<number | undefined> {
  const from = marks.before(recordNumber);
  const { encoding } = format;
  try {
    await using input = await openInput(file, { signal, encoding, skipBytes: from?.byteOffset });
    // A header stands at the beginning, and the format shows there.
    await using beginning = from && (await openInput(file, { signal, encoding }));
    const source = await openRecordSource({
      input: beginning ?? input,
      format,
      table,
      onBadRecord: () => {},
      rest: from && { input, start: from },
    });
    for await (const { lines } of source.batches(recordNumber - 1)) return lines[0];
    return undefined;
  } catch {
    // The load has failed for a reason that must be told; this one would only hide it.
    return undefined;
  }
}
