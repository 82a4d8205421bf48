// G1, G3, G7: a task whose records are told apart by a unique key, as it is resumed, loses its key, or lacks a right.

import pg from 'pg';
import { expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { failAt } from '../../support/fail-at.ts';
import { createLoaderRole, failureOf, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

const makeTarget = targetsOn(defaultServer());

test('takes NULLs for equal where the key does (G2, G3)', async () => {
  const target = await makeTarget('id int primary key, a int, unique nulls not distinct (a)');
  const record = (id: number, a: number | null) => ({ id, a });
  const given = [record(1, null), record(2, 1), record(3, null), record(4, null), record(5, 1)];
  await target.load(given, { conflictColumns: ['a'], batchSize: 2 });
  expect(await target.rows()).toEqual([record(4, null), record(5, 1)]);
});

test('tells a composite value of NULLs from none (G2, G3)', async () => {
  const before = 'create type pair as (x int, y int)';
  const target = await makeTarget('id int primary key, p pair unique', { before });
  const record = (id: number, p: string | null) => ({ id, p });
  const given = [record(1, null), record(2, '(,)'), record(3, null), record(4, '(,)')];
  await target.load(given, { conflictColumns: ['p'] });
  expect(await target.rows('id')).toEqual([{ id: 1 }, { id: 3 }, { id: 4 }]);
});

test('is resumed with the same one, unless the change is allowed (G3)', async () => {
  const target = await makeTarget('id int primary key, a int unique, v text');
  await using first = await target.open({ conflictColumns: ['a'], updateColumns: ['v'] });
  await first.insert([{ id: 1, a: 1, v: 'x' }]);
  await first.suspend('for this test');
  const resumed = BulkProcessor.resume(first.processId, target.config());
  expect(await failureOf(resumed)).toMatchObject({
    code: 'RESUME_REFUSED',
    message: expect.stringMatching(/conflictColumns was \["a"\].*updateColumns was \["v"\]/),
    hint: expect.stringContaining('conflictColumns, updateColumns'),
  });
  await using second = await BulkProcessor.resume(first.processId, target.config(), {
    allowChanges: ['conflictColumns', 'updateColumns'],
  });
  await second.insert([{ id: 1, a: 2, v: 'y' }]);
  await second.suspend('for this test');
  expect(await target.rows()).toEqual([{ id: 1, a: 2, v: 'y' }]);
  // From here on this is the key of the task.
  const { processId } = second;
  await (await BulkProcessor.resume(processId, target.config())).suspend('again');
  const back = { conflictColumns: ['a'], updateColumns: ['v'] };
  expect(await failureOf(BulkProcessor.resume(processId, target.config(back)))).toMatchObject({
    code: 'RESUME_REFUSED',
  });
});

test('takes no other key while files wait that were spread by this one (G3)', async () => {
  const target = await makeTarget('id int primary key, a int unique, v text');
  const options = { conflictColumns: ['a'], batchSize: 1, engine: 'copy' } as const;
  await using first = await target.open(options);
  failAt('files-taken');
  await first.insert([{ id: 1, a: 1, v: 'x' }]).catch(() => undefined);
  await failureOf(first.shutdown());
  const { processId } = first;
  const other = { ...options, conflictColumns: ['id'] };
  const refused = BulkProcessor.resume(processId, target.config(other), {
    allowChanges: ['conflictColumns'],
  });
  expect(await failureOf(refused)).toMatchObject({
    code: 'RESUME_REFUSED',
    message: expect.stringContaining('waits for its import by another key'),
  });
  await (await BulkProcessor.resume(processId, target.config(options))).suspend('as the hint says');
  const resumed = await BulkProcessor.resume(processId, target.config(other), {
    allowChanges: ['conflictColumns'],
  });
  await resumed.insert([{ id: 1, a: 2, v: 'y' }]);
  await resumed.shutdown();
  expect(await target.rows()).toEqual([{ id: 1, a: 2, v: 'y' }]);
});

test('fails with the error of the database when its index is dropped meanwhile (G1)', async () => {
  const target = await makeTarget('id int primary key, a int, v text');
  await target.database.query(`create unique index the_key on ${target.sql} (a)`);
  await using processor = await target.open({ conflictColumns: ['a'] });
  await processor.insert([{ id: 1, a: 1, v: 'x' }]);
  await processor.flush();
  await target.database.query('drop index the_key');
  await processor.insert([{ id: 2, a: 1, v: 'y' }]);
  expect(await failureOf(processor.shutdown())).toMatchObject({
    details: { sqlstate: '42P10' },
  });
  expect(await target.rows('id')).toEqual([{ id: 1 }]);
});

test('does not take rows for lost ones that it would meet again, if their key holds a NULL (G1)', async () => {
  const target = await makeTarget('id int primary key, a int unique');
  const options = { conflictColumns: ['a'], batchSize: 1, engine: 'copy' } as const;
  await using processor = await target.open(options);
  await processor.insert([
    { id: 1, a: null },
    { id: 2, a: 1 },
  ]);
  await processor.flush();
  await target.database.query(`drop table ${target.sql}`);
  await target.database.query(`create table ${target.sql} (id int primary key, a int unique)`);
  expect(await failureOf(processor.shutdown())).toMatchObject({ code: 'DATABASE_WENT_BACK' });
  const resumed = await BulkProcessor.resume(processor.processId, target.config(options));
  await resumed.shutdown();
  expect(await target.rows()).toEqual([
    { id: 1, a: null },
    { id: 2, a: 1 },
  ]);
});

test('needs the right to update the columns it sets, and no more (G7)', async () => {
  const target = await makeTarget('id int primary key, a int unique, v text, w text');
  const role = await createLoaderRole(target);
  await target.database.query(
    `grant insert, select (id, a, v), update (v) on ${target.sql} to ${pg.escapeIdentifier(role.name)}`,
  );
  const options = { url: role.url, conflictColumns: ['a'], updateColumns: ['v'] };
  await target.load([{ id: 1, a: 1, v: 'x', w: 'x' }], options);
  await target.load([{ id: 2, a: 1, v: 'y', w: 'y' }], options);
  expect(await target.rows()).toEqual([{ id: 1, a: 1, v: 'y', w: 'x' }]);
  const more = { ...options, updateColumns: ['v', 'w'] };
  await using processor = await target.open(more);
  expect(await failureOf(processor.insert([{ id: 2, a: 1, v: 'z', w: 'z' }]))).toMatchObject({
    code: 'DATABASE_PERMISSION_DENIED',
    hint: expect.stringContaining('UPDATE'),
  });
});
