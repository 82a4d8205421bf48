import { redact } from '../core/redaction.ts';
import type { Reader } from '../database/session.ts';
import {
  countRejects,
  pageOfRejects,
  type RejectCountRow,
  type RejectedRow,
  type RejectFilter,
} from '../database/statements/rejected-records.ts';
import { taskNotFound } from '../operations/access.ts';
import type { RejectedRecord } from '../operations/rejected-records.ts';
import { readOverviews } from '../operations/task-overview.ts';

/** A rejected record as it is shown. */
export interface RejectedEntry extends Omit<RejectedRecord, 'position' | 'record'> {
  /** JSON text, as it was kept: numbers keep all their digits. Null when the record has no JSON form. */
  readonly record: string | null;
}

export interface RejectedPage {
  readonly entries: readonly RejectedEntry[];
  /** Ordinal to ask for the next page with; null after the last one. */
  readonly after: number | null;
}

const PAGE = 100;
/** Most kinds of refusals to choose from. */
const MOST_KINDS = 50;

/** In their order. @throws RelytError TASK_NOT_FOUND */
export async function readRejectedPage(
  reader: Reader,
  processId: string,
  filter: RejectFilter & { readonly after?: number | undefined },
): Promise<RejectedPage> {
  await requireTask(reader, processId);
  const rows = await pageAfter(reader, processId, filter.after ?? 0, filter);
  // Long records make short pages, so only an empty one is known to be the last.
  return { entries: rows.map(entryOf), after: rows.at(-1)?.ordinal ?? null };
}

/** By code and column, the most frequent first. @throws RelytError TASK_NOT_FOUND */
export async function readRejectKinds(
  reader: Reader,
  processId: string,
): Promise<readonly RejectCountRow[]> {
  await requireTask(reader, processId);
  return reader.query<RejectCountRow>(countRejects(processId, MOST_KINDS));
}

/** Lines of NDJSON, page by page, so that any number of them can be exported. */
export async function* exportedLines(
  reader: Reader,
  processId: string,
  filter: RejectFilter,
): AsyncGenerator<string> {
  for (let after = 0; ; ) {
    const rows = await pageAfter(reader, processId, after, filter);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(entryOf).map(exportedLine).join('');
    after = last.ordinal;
  }
}

/** The record goes in as the text it is: parsing would round its long numbers. */
function exportedLine({ record, ...entry }: RejectedEntry): string {
  // Line ends in JSON text are between its tokens only.
  const text = record?.replace(/[\r\n]+/g, ' ') ?? 'null';
  return `${JSON.stringify(entry).slice(0, -1)},"record":${text}}\n`;
}

function pageAfter(
  reader: Reader,
  processId: string,
  after: number,
  filter: RejectFilter,
): Promise<RejectedRow[]> {
  return reader.query<RejectedRow>(pageOfRejects(processId, after, PAGE, filter));
}

export async function requireTask(reader: Reader, processId: string): Promise<void> {
  const [task] = await readOverviews(reader, { processId, limit: 1 });
  if (task === undefined) throw taskNotFound(processId);
}

function entryOf(row: RejectedRow): RejectedEntry {
  const { ordinal, line, stage, code, record } = row;
  return {
    ordinal,
    line,
    stage,
    code,
    column: row.column_name,
    constraint: row.constraint_name,
    reason: redact(row.reason),
    record,
  };
}
