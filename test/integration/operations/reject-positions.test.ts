// G8: a rejected record can be found in its source: it is kept with the position it was handed over with.

import { describe, expect, test } from 'vitest';
import { rejectedRecords } from '../../../src/administration.ts';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { RelytError } from '../../../src/errors.ts';
import { failureOf, type TestTarget, targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';
import { relytOn } from '../cli/relyt-on.ts';

const COLUMNS =
  'id int primary key, v varchar(3), small smallint constraint no_thirteen check (small <> 13)';
const good = (id: number) => ({ id, v: 'a', small: 1 });

async function rejectsOf(target: TestTarget, processId: string) {
  const access = { postgresql: { connectionString: target.database.url } };
  const all = [];
  for await (const rejected of rejectedRecords(access, processId)) all.push(rejected);
  return all.map(({ ordinal, stage, position, constraint }) => ({
    ordinal,
    stage,
    position,
    constraint,
  }));
}

describe.each(newestServers())('the position of a rejected record, on $name', (server) => {
  const makeTarget = targetsOn(server);

  test('is that of its call, or, refused by the database, of what was staged with it', async () => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open({ maxErrorRecords: 9, batchSize: 4 });
    const offset = (n: number) => ({ partition: 3, offset: n });
    await processor.insert([good(1), { ...good(2), v: 'too long' }], { position: offset(2) });
    await processor.insert([{ ...good(3), small: 13 }, good(4)], { position: offset(4) });
    await processor.insert([good(5), { ...good(6), small: 13 }], { position: offset(6) });
    await processor.shutdown();
    const no_thirteen = { constraint: 'no_thirteen', stage: 'import' };
    expect(await rejectsOf(target, processor.processId)).toEqual([
      { ordinal: 2, stage: 'encode', position: offset(2), constraint: null },
      { ordinal: 3, position: offset(6), ...no_thirteen },
      { ordinal: 6, position: offset(6), ...no_thirteen },
    ]);
    const shown = await relytOn(target, 'errors', processor.processId);
    expect(shown.stdout).toContain('POSITION');
    expect(shown.stdout).toMatch(/RECORD_INVALID +v +\{"offset":2,/);
    const exported = await relytOn(target, 'errors', processor.processId, '--details');
    expect(exported.stdout.split('\n')[0]).toContain('"position":{"offset":2,"partition":3}');
  });

  test('is that of the file it stands in, when files are frozen one after the other', async () => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open({ maxErrorRecords: 9 });
    for (const id of [1, 2, 3]) {
      await processor.insert([{ ...good(id), small: 13 }, good(id + 10)], { position: `at ${id}` });
      await processor.flush();
    }
    await processor.shutdown();
    const positions = (await rejectsOf(target, processor.processId)).map(
      ({ position }) => position,
    );
    expect(positions).toEqual(['at 1', 'at 2', 'at 3']);
  });

  test('of a record that the caller itself gave up is the one it said', async () => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open({ maxErrorRecords: 9 });
    await processor.insert([good(1)], { position: 1 });
    processor.reject(new RelytError('INPUT_MALFORMED', 'no record'), 'x', { position: 2 });
    await processor.insert([{ ...good(2), small: 13 }]);
    await processor.shutdown();
    const positions = (await rejectsOf(target, processor.processId)).map(
      ({ position }) => position,
    );
    // No position was given with the last one, which was staged with those before.
    expect(positions).toEqual([2, 2]);
  });

  test('is there after a resume, which imports what another process has frozen', async () => {
    const target = await makeTarget(COLUMNS);
    const first = await target.open({ maxErrorRecords: 0 });
    await first.insert([good(1), { ...good(2), small: 13 }], { position: { line: 2 } });
    const failure = await failureOf(first.shutdown());
    expect(failure).toMatchObject({
      code: 'IMPORT_REFUSED',
      details: { record: 2, constraint: 'no_thirteen', sqlstate: '23514' },
    });
    expect(failure.message).toContain('no_thirteen');
    await using second = await BulkProcessor.resume(
      first.processId,
      target.config({ maxErrorRecords: 5 }),
    );
    await second.shutdown();
    expect(await rejectsOf(target, first.processId)).toEqual([
      { ordinal: 2, stage: 'import', position: { line: 2 }, constraint: 'no_thirteen' },
    ]);
  });

  test('is nothing where the application gives none', async () => {
    const target = await makeTarget(COLUMNS);
    const records = [good(1), { ...good(2), small: 13 }, { ...good(3), v: 'too long' }];
    const processId = await target.load(records, { maxErrorRecords: 9 });
    const positions = (await rejectsOf(target, processId)).map(({ position }) => position);
    expect(positions).toEqual([null, null]);
  });
});
