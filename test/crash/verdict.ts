/** What has to be true of a task that came to its end, however often it was interrupted. */

import type { StackS3 } from 'relyt-dev';
import { expect } from 'vitest';
import { collectGarbage } from '../../src/administration.ts';
import type { BulkProcessorConfig } from '../../src/config/load-config.ts';
import { listKeys, listUploads } from '../support/bucket.ts';
import { expectedOutcome, type GivenRow, type RecordShape } from '../support/given-records.mjs';
import type { TestTarget } from '../support/loading.ts';

export interface Ended {
  readonly target: TestTarget;
  readonly processId: string;
  readonly shape: RecordShape;
  /** Where the staged files were, when not where the target has them. */
  readonly s3?: StackS3 | undefined;
  readonly onConflict?: 'update' | 'nothing';
  /** Where S3 was away: what could not be deleted then is for `gc`, by these settings. */
  readonly collect?: BulkProcessorConfig;
}

/** Every record exactly once or kept as rejected, the books right, and nothing left behind. */
export async function expectLoadedExactly(ended: Ended): Promise<void> {
  const { target, shape } = ended;
  const expected = expectedOutcome(shape, ended.onConflict);
  expect(
    differences(await target.rows<GivenRow>('id, v, amount', 'amount'), expected.rows),
  ).toEqual([]);
  const rejects = await rejectsOf(ended);
  const kept = new Set(rejects.map(({ ordinal }) => ordinal));
  expect(rejects).toEqual(
    expected.rejects
      .filter(({ ordinal, unlessSuperseded }) => !unlessSuperseded || kept.has(ordinal))
      .map(({ ordinal, stage }) => ({ ordinal, stage })),
  );
  await expectBooksRight(ended, rejects.length);
  await expectNothingStaged(ended);
}

async function expectNothingStaged(ended: Ended): Promise<void> {
  const { target, processId, collect, s3 = target.way.s3 } = ended;
  const keysLeft = async () => {
    const keys = await listKeys(`${target.prefix}/`, s3);
    return keys.filter((key) => key.includes(processId));
  };
  if (collect !== undefined && (await keysLeft()).length > 0) {
    const { postgresql, s3: settings } = collect;
    const { schema: _schema, table: _table, ...connection } = postgresql;
    await collectGarbage({ postgresql: connection, s3: settings }, { olderThanSeconds: 0 });
  }
  expect(await keysLeft()).toEqual([]);
  const uploads = await listUploads(`${target.prefix}/`, s3);
  expect(uploads.filter(({ key }) => key.includes(processId))).toEqual([]);
}

const MOST_DIFFERENCES = 20;

/** Texts of the first rows that one side has and the other has not: shorter to read than two whole tables. */
function differences(found: readonly GivenRow[], expected: readonly GivenRow[]): string[] {
  const counts = new Map<string, number>();
  const text = ({ id, v, amount }: GivenRow) => `${id} ${v.replace(/\.+$/, '…')} ${amount}`;
  for (const row of found) counts.set(text(row), (counts.get(text(row)) ?? 0) + 1);
  for (const row of expected) counts.set(text(row), (counts.get(text(row)) ?? 0) - 1);
  return [...counts]
    .filter(([, surplus]) => surplus !== 0)
    .map(([row, surplus]) => `${surplus > 0 ? 'too many' : 'missing'}: ${row}`)
    .slice(0, MOST_DIFFERENCES);
}

async function rejectsOf({ target, processId }: Ended) {
  return target.database.query<{ ordinal: number; stage: string }>(
    `select record_ordinal::int as ordinal, stage from relyt_sys.relyt_loader_reject
     where process_id = $1 order by 1`,
    [processId],
  );
}

/** G2 over the whole task, and a checkpoint that tells the same as the rows behind it. */
async function expectBooksRight(
  { target, shape, processId }: Ended,
  rejects: number,
): Promise<void> {
  const files = await target.files(processId);
  expect(files.filter((file) => file.status !== 'IMPORTED')).toEqual([]);
  expect(await target.checkpoint(processId)).toMatchObject({
    status: 'COMPLETED',
    files_total: files.length,
    files_imported: files.length,
    error_message: null,
    error_records: rejects,
  });
  const [sums] = await target.database.query<{ imported: number; encoded: number }>(
    `select (select coalesce(sum(num_records), 0) from relyt_sys.relyt_loader_import where process_id = $1)::int as imported,
            (select count(*) from relyt_sys.relyt_loader_reject where process_id = $1 and stage = 'encode')::int as encoded`,
    [processId],
  );
  expect(files.reduce((sum, file) => sum + file.num_records, 0)).toBe(sums?.imported);
  expect((sums?.imported ?? 0) + (sums?.encoded ?? 0)).toBe(shape.total);
}
