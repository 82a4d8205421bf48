// A table that is altered between two imports of one task: it goes on, or fails whole and can be resumed (G1, G2).

import { describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { failureOf, generate, type TestTarget, targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';

const record = (n: number) => ({ id: n, v: `value ${n}` });
const records = (from: number, count: number) => generate(count, (n) => record(from + n));
const FIRST = 10;
const SECOND = 10;

interface Change {
  readonly what: string;
  readonly alter: (table: string) => string;
  readonly undo: (table: string) => string;
  readonly code: string;
  readonly message: RegExp;
  readonly hint: unknown;
}

const COLUMN_GONE = {
  code: 'TABLE_CHANGED',
  message: /column "v"/,
  hint: expect.stringMatching(/Undo the change and resume/),
};
const CHANGES: readonly Change[] = [
  {
    what: 'a staged column renamed',
    alter: (table) => `alter table ${table} rename v to w`,
    undo: (table) => `alter table ${table} rename w to v`,
    ...COLUMN_GONE,
  },
  {
    what: 'a staged column dropped',
    // Its values of the first import stay comparable in a column of their own.
    alter: (table) => `alter table ${table} add kept text; update ${table} set kept = v;
      alter table ${table} drop v`,
    undo: (table) => `alter table ${table} add v text; update ${table} set v = kept;
      alter table ${table} drop kept`,
    ...COLUMN_GONE,
  },
  {
    what: 'the whole table renamed',
    alter: (table) => `alter table ${table} rename to elsewhere`,
    undo: (table) => `alter table elsewhere rename to ${table.split('.').at(-1)}`,
    code: 'TABLE_NOT_FOUND',
    message: /public\.t\d+/,
    hint: expect.stringContaining('Check schema and table name'),
  },
];

/** The state after the failure: the first import and nothing of the second, whose file waits for a resume. */
async function expectHalfDone(target: TestTarget, processId: string): Promise<void> {
  expect(await target.count()).toBe(FIRST);
  const files = await target.files(processId);
  // A resume that failed, too, has made it FROZEN again.
  const waiting = expect.stringMatching(/^(ERROR|FROZEN)$/);
  expect(files.map(({ status, num_records }) => [status, num_records])).toEqual([
    ['IMPORTED', 10],
    [waiting, 10],
  ]);
  expect((await target.imports(processId)).map((row) => row.num_records)).toEqual([FIRST]);
  expect(await target.checkpoint(processId)).toMatchObject({
    status: 'FAILED',
    files_total: 2,
    files_imported: 1,
  });
}

async function expectAll(target: TestTarget, processId: string, count: number): Promise<void> {
  expect(await target.rows('id, v')).toEqual([...records(0, count)]);
  expect(await target.checkpoint(processId)).toMatchObject({
    status: 'COMPLETED',
    error_message: null,
  });
}

describe.each(newestServers())('a table altered in mid-load on $name', (server) => {
  const makeTarget = targetsOn(server);

  test('a new column takes its default, and the load goes on', async () => {
    const target = await makeTarget('id int primary key, v text');
    await using processor = await target.open();
    await processor.insert(records(0, 10));
    await processor.flush();
    await target.database.query(`alter table ${target.sql} add added int default 7`);
    await processor.insert(records(5, 10));
    await processor.shutdown();
    expect(await target.rows()).toEqual([...generate(15, (n) => ({ ...record(n), added: 7 }))]);
    expect(await target.imports(processor.processId)).toMatchObject([
      { rows_inserted: 10 },
      { rows_inserted: 5, rows_updated: 5 },
    ]);
  });

  test('a staged column that changed its place is filled as before', async () => {
    const target = await makeTarget('id int primary key, v text');
    await using processor = await target.open();
    await processor.insert(records(0, 10));
    await processor.flush();
    await target.database.query(`alter table ${target.sql} add kept text;
      update ${target.sql} set kept = v; alter table ${target.sql} drop v;
      alter table ${target.sql} add v text; update ${target.sql} set v = kept`);
    await processor.insert(records(10, 20));
    await processor.shutdown();
    await expectAll(target, processor.processId, 30);
  });

  test.each(CHANGES)(
    'G1, G2: $what fails the task whole; undone, a resume finishes it',
    async ({ alter, undo, code, message, hint }) => {
      const target = await makeTarget('id int primary key, v text');
      const options = { batchSize: 10 };
      await using processor = await target.open(options);
      const { processId } = processor;
      await processor.insert(records(0, FIRST));
      await processor.flush();
      await target.database.query(alter(target.sql));
      const loaded = processor.insert(records(FIRST, SECOND)).then(() => processor.flush());
      const failure = await failureOf(loaded);
      expect(failure).toMatchObject({ code, message: expect.stringMatching(message), hint });
      expect(failure.details).toMatchObject({ processId, table: `public.${target.table}` });
      await failureOf(processor.shutdown());
      await failureOf(BulkProcessor.resume(processId, target.config(options)));
      await target.database.query(undo(target.sql));
      await expectHalfDone(target, processId);

      await using resumed = await BulkProcessor.resume(processId, target.config(options));
      expect(await target.count()).toBe(FIRST + SECOND);
      await resumed.insert(records(FIRST + SECOND, 5));
      await resumed.shutdown();
      await expectAll(target, processId, FIRST + SECOND + 5);
    },
  );
});
