import { z } from 'zod';
import type { AccessConfig } from '../config/access-config.ts';
import { checkedConfig } from '../config/checked-config.ts';
import { actsOnTerminal, jsonLine } from '../core/control-characters.ts';
import { RelytError } from '../errors.ts';
import { databaseOf, operationError } from './access.ts';
import { columnValues, type RecordLayout, readLayout } from './record-layout.ts';
import { type RejectedRecord, rejectedPages } from './rejected-records.ts';
import { csvHeader, csvRecord, ndjsonRecord, unloadableField } from './reloadable.ts';
import { readDetails } from './show-task.ts';

export interface RejectedLinesOptions {
  /**
   * 'ndjson' keeps every value; 'csv' has the columns of the task, and a header.
   * @default 'ndjson'
   * @example 'csv'
   */
  readonly format?: 'ndjson' | 'csv' | undefined;
  /**
   * Most records. Default: all of them.
   * @example 100
   */
  readonly limit?: number | undefined;
}

/**
 * A line of a file of rejected records, without its line end:
 * - `header`: the names of the columns of a CSV file;
 * - `record`: it can be corrected and loaded;
 * - `unread`: text that could not be read as a record, as it was found; correct or remove it;
 * - `escaped`: CSV has no escapes, so a record with control characters stands as JSON in one field, which no load takes;
 * - `lost`: the record could not be kept, and has no text.
 */
export type RejectedLine =
  | { readonly kind: 'header' | 'record' | 'unread' | 'escaped'; readonly text: string }
  | { readonly kind: 'lost'; readonly text: null };

const optionsSchema = z.strictObject({
  format: z.enum(['ndjson', 'csv']).default('ndjson'),
  limit: z.int().min(1).default(Number.MAX_SAFE_INTEGER),
});

/** @throws RelytError TASK_NOT_FOUND; CONFIG_INVALID when the columns of a CSV file are not known */
export async function* readRejectedLines(
  access: AccessConfig,
  processId: string,
  options: RejectedLinesOptions,
): AsyncGenerator<RejectedLine> {
  const { format, limit } = checkedConfig(optionsSchema, options);
  const database = databaseOf(access);
  try {
    const task = await readDetails(database, processId);
    const layout = await readLayout(database, task);
    if (format === 'csv') yield { kind: 'header', text: headerOf(layout) };
    if (task.foreign) return;
    let left = limit;
    for await (const page of rejectedPages(database, processId)) {
      for (const rejected of page.slice(0, left))
        yield format === 'csv' ? csvLine(rejected, layout) : ndjsonLine(rejected, layout);
      left -= page.length;
      if (left <= 0) return;
    }
  } catch (error) {
    throw operationError(error, `read the rejected records of ${processId}`);
  } finally {
    await database.close();
  }
}

function headerOf(layout: RecordLayout): string {
  if (layout.columns.length > 0) return csvHeader(layout);
  throw new RelytError('CONFIG_INVALID', 'The table is gone, so its columns are not known.', {
    hint: 'Use --format ndjson.',
  });
}

function ndjsonLine(rejected: RejectedRecord, layout: RecordLayout): RejectedLine {
  const values = columnValues(rejected, layout);
  if (values !== undefined) return { kind: 'record', text: ndjsonRecord(values, layout) };
  const { record } = rejected;
  return typeof record === 'string' ? { kind: 'unread', text: unreadLine(record) } : LOST;
}

function csvLine(rejected: RejectedRecord, layout: RecordLayout): RejectedLine {
  const values = columnValues(rejected, layout);
  if (values !== undefined) {
    const text = csvRecord(values, layout);
    if (!actsOnTerminal(text)) return { kind: 'record', text };
    return { kind: 'escaped', text: unloadableField(ndjsonRecord(values, layout), layout) };
  }
  const { record } = rejected;
  if (typeof record !== 'string') return LOST;
  const isPlain = !actsOnTerminal(record);
  return { kind: 'unread', text: isPlain ? record : unloadableField(jsonLine(record), layout) };
}

const LOST: RejectedLine = { kind: 'lost', text: null };

/** A broken object is best corrected as it is; other text becomes a JSON text, to keep to one line. */
function unreadLine(text: string): string {
  return /^\s*\{[^\r\n]*$/.test(text) && !actsOnTerminal(text) ? text : jsonLine(text);
}
