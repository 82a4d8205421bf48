/** What has to be true at the end of a round, whatever happened in it. */

import { inspect } from 'node:util';
import { expect, vi } from 'vitest';
import type { StormLoader } from './loader.ts';
import { type GivenRecords, ROW_TEXT, type RowText } from './records.ts';
import type { Schedule } from './schedule.ts';
import type { StormPlace } from './world.ts';

export interface Ended {
  readonly schedule: Schedule;
  readonly records: GivenRecords;
  readonly place: StormPlace;
  readonly processId: string;
  readonly status: 'COMPLETED' | 'CANCELLED';
  readonly loaders: readonly StormLoader[];
  /** Of imported files, for `relyt gc`. */
  readonly leavesObjects: boolean;
  readonly secrets: readonly string[];
}

export async function expectEnd(ended: Ended): Promise<void> {
  const books = await readBooks(ended);
  if (ended.status === 'COMPLETED') await expectLoaded(ended, books);
  else await expectCancelled(ended, books);
  await expectNothingLeft(ended);
  expectNothingHeld(ended);
  await expectNothingTold(ended);
}

/** What the bookkeeping says of a task. */
interface Books {
  readonly status: string;
  readonly error_records: number;
  readonly files_total: number;
  readonly files_imported: number;
  readonly error_message: string | null;
  readonly files: number;
  readonly waiting: number;
  readonly staged: number;
  readonly imported: number;
  readonly inserted: number;
  readonly unbalanced: number;
  readonly refused: number;
  readonly rejects: readonly { readonly ordinal: number; readonly stage: string }[];
}

async function readBooks({ place, processId }: Ended): Promise<Books> {
  const { database } = place.target;
  const [books] = await database.query<Books>(
    `select c.status, c.error_records, c.files_total, c.files_imported, c.error_message, f.*, i.*,
       (select coalesce(json_agg(json_build_object('ordinal', record_ordinal, 'stage', stage) order by record_ordinal), '[]')
        from relyt_sys.relyt_loader_reject where process_id = $1) as rejects
     from relyt_sys.relyt_loader_checkpoint c,
       (select count(*)::int as files, (count(*) filter (where status <> 'IMPORTED'))::int as waiting,
          coalesce(sum(num_records) filter (where status = 'IMPORTED'), 0)::int as staged
        from relyt_sys.relyt_loader_file where process_id = $1) f,
       (select coalesce(sum(num_records), 0)::int as imported, coalesce(sum(rows_inserted), 0)::int as inserted,
          coalesce(sum(rows_rejected), 0)::int as refused,
          (count(*) filter (where num_records <> rows_inserted + rows_updated + rows_skipped + rows_superseded + rows_rejected))::int as unbalanced
        from relyt_sys.relyt_loader_import where process_id = $1) i
     where c.process_id = $1`,
    [processId],
  );
  if (books === undefined) throw new Error('the task has no checkpoint');
  return books;
}

async function rowsOf({ target }: StormPlace): Promise<RowText[]> {
  const rows = await target.database.query<{ row: RowText }>(
    `select json_build_array(${ROW_TEXT}) as row from ${target.sql}`,
  );
  return rows.map(({ row }) => row);
}

/** G1 to G4: every record once or kept as rejected, the winners of their keys, the values as given, the books right. */
async function expectLoaded(ended: Ended, books: Books): Promise<void> {
  const { schedule, records, place } = ended;
  const expected = records.expected(schedule.settings.onConflict);
  expect(differences(await rowsOf(place), expected.rows)).toEqual([]);
  const kept = new Set(books.rejects.map(({ ordinal }) => ordinal));
  const due = [...expected.rejects].filter(
    ([n, { unlessSuperseded }]) => !unlessSuperseded || kept.has(n),
  );
  expect(books.rejects).toEqual(due.map(([ordinal, { stage }]) => ({ ordinal, stage })));
  const encoded = books.rejects.filter(({ stage }) => stage === 'encode').length;
  expect(books).toMatchObject({
    status: 'COMPLETED',
    error_message: null,
    error_records: books.rejects.length,
    files_total: books.files,
    files_imported: books.files,
    waiting: 0,
    unbalanced: 0,
    staged: schedule.records.total - encoded,
    imported: schedule.records.total - encoded,
    inserted: expected.inserted,
    refused: books.rejects.length - encoded,
  });
}

/** Of a task that was cancelled there is what its committed imports brought, and nothing else. */
async function expectCancelled(ended: Ended, books: Books): Promise<void> {
  const { place, schedule, records } = ended;
  const rows = await rowsOf(place);
  expect(books).toMatchObject({ status: 'CANCELLED', unbalanced: 0, imported: books.staged });
  expect(rows.length).toBe(schedule.records.existing + books.inserted);
  const given = new Set(records.texts);
  expect(rows.map(textOf).filter((text) => !given.has(text))).toEqual([]);
}

/** G7: no connection, no socket, no object and no upload is left. */
async function expectNothingLeft({
  place,
  processId,
  loaders,
  leavesObjects,
}: Ended): Promise<void> {
  const { objects, target } = place;
  const left: string[] = [];
  if (!leavesObjects) for await (const { key } of objects.list(target.prefix)) left.push(key);
  for await (const { key } of objects.listMultipartUploads(target.prefix))
    left.push(`${key}, an upload`);
  expect(left).toEqual([]);
  // A socket is closed, and a backend ends, a moment later.
  await vi.waitFor(
    async () => {
      expect(loaders.flatMap(({ process }) => process.openSockets)).toEqual([]);
      const connections = await target.database.query(
        `select query from pg_stat_activity where application_name like $1`,
        [`relyt-sdk ${processId}%`],
      );
      expect(connections).toEqual([]);
    },
    { timeout: 5_000, interval: 20 },
  );
}

/** G5: every buffer is given back, however a process ended; one that was killed took its memory along. */
function expectNothingHeld({ loaders }: Ended): void {
  const ended = loaders.filter(({ process }) => !process.isDead);
  const held = ended.flatMap(({ process }) => process.pools.map(({ inUse }) => inUse));
  expect(held.filter((buffers) => buffers > 0)).toEqual([]);
}

/** G7: no secret in an event, an error or a row. */
async function expectNothingTold({ place, processId, loaders, secrets }: Ended): Promise<void> {
  const { database } = place.target;
  const tables = ['checkpoint', 'task', 'file', 'import', 'reject'];
  const rows = await database.query<{ row: string }>(
    tables
      .map(
        (table) =>
          `select t::text as row from relyt_sys.relyt_loader_${table} t where process_id = $1`,
      )
      .join(' union all '),
    [processId],
  );
  const told = loaders.map((loader) =>
    inspect(loader.told, { depth: 12, maxStringLength: 10_000 }),
  );
  for (const text of [...told, ...rows.map(({ row }) => row)]) {
    const shown = secrets.filter((secret) => text.includes(secret));
    if (shown.length > 0) throw new Error(`a secret is shown: ${text}`);
  }
}

const MOST_DIFFERENCES = 20;

function textOf(row: RowText): string {
  return JSON.stringify(row);
}

/** The first rows that one side has and the other has not: shorter to read than two whole tables. */
function differences(found: readonly RowText[], expected: readonly RowText[]): string[] {
  const counts = new Map<string, number>();
  for (const row of found) counts.set(textOf(row), (counts.get(textOf(row)) ?? 0) + 1);
  for (const row of expected) counts.set(textOf(row), (counts.get(textOf(row)) ?? 0) - 1);
  return [...counts]
    .filter(([, surplus]) => surplus !== 0)
    .map(([row, surplus]) => `${surplus > 0 ? 'too many' : 'missing'}: ${row}`)
    .slice(0, MOST_DIFFERENCES);
}
