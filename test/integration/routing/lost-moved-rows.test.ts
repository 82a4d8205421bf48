// G1 when a migration moves rows of a running load to the auxiliary table, and that is lost: no import wrote to it, but
// the loader notices.

import { describe, expect, test } from 'vitest';
import { abortTask } from '../../../src/administration.ts';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import type { EngineName } from '../../../src/engines/profiles.ts';
import { failureOf, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { accessTo } from '../cli/relyt-on.ts';
import { FILES, MOVES, migrate, moveAllBack, moveOne, WHOLE } from './moved-groups.ts';
import { addRouting, asRows, makeRouted, RoutedTarget, tens } from './routed-target.ts';
import {
  drop,
  finish,
  halfLoaded,
  insertTens,
  KEYED,
  lostRows,
  makeAgain,
  PLAIN,
} from './sixty-records.ts';

const makeTarget = targetsOn(defaultServer());
const LOST = lostRows('auxiliary');

const ENGINES: readonly EngineName[] = ['postgres', 'copy'];
const CASES = ENGINES.flatMap((engine) => MOVES.map((move) => ({ engine, ...move })));

describe.each(CASES)(
  'rows move $way, and their new table is dropped and made again, engine $engine (G1)',
  ({ engine, how }) => {
    const options = { ...FILES, engine };

    const begun = async () => {
      const routed = await makeRouted(makeTarget, KEYED);
      return { routed, processor: await halfLoaded(routed, options, 0) };
    };
    const lose = async (routed: RoutedTarget) => {
      await moveOne(routed, how);
      await drop(routed, 'auxiliary');
      await makeAgain(routed, 'auxiliary', KEYED);
    };

    test('between two imports', async () => {
      const { routed, processor } = await begun();
      await lose(routed);
      const failed = insertTens(processor, 30, 60).then(() => processor.flush());
      expect(await failureOf(failed)).toMatchObject(LOST);
      await processor.abort();
      await finish(routed, processor.processId, options);
    });

    test('while the load is idle: its end and a flush tell', async () => {
      for (const end of ['shutdown', 'flush'] as const) {
        const { routed, processor } = await begun();
        await lose(routed);
        expect(await failureOf(processor[end]())).toMatchObject(LOST);
        await finish(routed, processor.processId, options);
      }
    });

    test('between a failure and the resume', async () => {
      const { routed, processor } = await begun();
      await processor.suspend('for this test');
      await lose(routed);
      await finish(routed, processor.processId, options);
    });
  },
);

describe('rows move, and their new table is dropped (G1)', () => {
  test.each(MOVES)(
    '$way, with nothing in its place: the load fails, and goes on',
    async ({ how }) => {
      const routed = await makeRouted(makeTarget, KEYED);
      await using processor = await halfLoaded(routed, FILES, 0);
      await moveOne(routed, how);
      await drop(routed, 'auxiliary');
      expect(await failureOf(processor.shutdown())).toMatchObject(LOST);
      const resumed = BulkProcessor.resume(processor.processId, routed.target.config(FILES));
      expect(await failureOf(resumed)).toMatchObject({ code: 'ROUTING_INVALID' });
      await makeAgain(routed, 'auxiliary', KEYED);
      await finish(routed, processor.processId, FILES);
    },
  );

  test('with the whole routing, so that nothing is routed any more', async () => {
    const routed = await makeRouted(makeTarget, KEYED);
    await using processor = await halfLoaded(routed, FILES, 0);
    await moveOne(routed, WHOLE);
    await drop(routed, 'auxiliary');
    await routed.query(`drop table ${routed.routing}`);
    const failed = insertTens(processor, 30, 60).then(() => processor.flush());
    expect(await failureOf(failed)).toMatchObject(LOST);
    await processor.abort();
    await addRouting(routed);
    await finish(routed, processor.processId, FILES);
  });

  test('or is renamed: once it has its name again, the load goes on with the rows that are there', async () => {
    const routed = await makeRouted(makeTarget, KEYED);
    await using processor = await halfLoaded(routed, FILES, 0);
    const { processId } = processor;
    await moveOne(routed, WHOLE);
    const { auxiliary, target } = routed;
    await routed.query(`alter table ${auxiliary} rename to ${target.table}_away`);
    expect(await failureOf(processor.shutdown())).toMatchObject(LOST);
    await routed.query(
      `alter table public.${target.table}_away rename to ${target.table}_relyt_massive_group`,
    );
    await finish(routed, processId, FILES);
    expect(await routed.counts(processId)).toMatchObject({ inserted: 60, updated: 0 });
  });

  test('and the table became a routed one under the load', async () => {
    const routed = new RoutedTarget(await makeTarget(KEYED));
    await using processor = await routed.target.open(FILES);
    await insertTens(processor, 0, 30);
    await processor.flush();
    await addRouting(routed);
    await moveOne(routed, WHOLE);
    await drop(routed, 'auxiliary');
    await makeAgain(routed, 'auxiliary', KEYED);
    expect(await failureOf(processor.shutdown())).toMatchObject(LOST);
    await finish(routed, processor.processId, FILES);
  });

  test('which is the second one: the first was left empty before', async () => {
    const routed = await makeRouted(makeTarget, KEYED);
    await using processor = await halfLoaded(routed, FILES, 0);
    for (const last of [false, true]) {
      await moveOne(routed, WHOLE);
      if (!last) await moveAllBack(routed);
      await drop(routed, 'auxiliary');
      await makeAgain(routed, 'auxiliary', KEYED);
    }
    expect(await failureOf(processor.shutdown())).toMatchObject(LOST);
    await finish(routed, processor.processId, FILES);
  });

  test('after one group of two has moved back', async () => {
    const routed = await makeRouted(makeTarget, KEYED);
    await using processor = await halfLoaded(routed, FILES, 0);
    await migrate(routed, { maxGroups: 2 });
    await migrate(routed, { back: true, threshold: 1000, maxGroups: 1 });
    expect(await routed.moved()).toHaveLength(3);
    await drop(routed, 'auxiliary');
    await makeAgain(routed, 'auxiliary', KEYED);
    expect(await failureOf(processor.shutdown())).toMatchObject(LOST);
    await finish(routed, processor.processId, FILES);
  });

  test('without a key nothing tells which rows are left: none is doubled, and the hint works (G8)', async () => {
    const routed = await makeRouted(makeTarget, PLAIN);
    await using processor = await halfLoaded(routed, FILES, 0);
    const { processId } = processor;
    await moveOne(routed, WHOLE);
    await drop(routed, 'auxiliary');
    await makeAgain(routed, 'auxiliary', PLAIN);
    expect(await failureOf(processor.shutdown())).toMatchObject(LOST);
    const resumed = BulkProcessor.resume(processId, routed.target.config(FILES));
    expect(await failureOf(resumed)).toMatchObject({
      code: 'DATABASE_WENT_BACK',
      hint: expect.stringMatching(
        /Delete the rows of this task, abort it .* load the source again/,
      ),
    });
    await routed.query(`delete from ${routed.target.sql}`);
    await abortTask(accessTo(routed.target), processId);
    await routed.target.load(tens(60), FILES);
    await routed.expectRows(asRows(tens(60)));
  });

  test('with the main table: all rows are lost, and come again even without a key', async () => {
    const routed = await makeRouted(makeTarget, PLAIN);
    await using processor = await halfLoaded(routed, FILES, 0);
    await moveOne(routed, WHOLE);
    for (const side of ['main', 'auxiliary'] as const) {
      await drop(routed, side);
      await makeAgain(routed, side, PLAIN);
    }
    expect(await failureOf(processor.shutdown())).toMatchObject({ code: 'DATABASE_WENT_BACK' });
    await finish(routed, processor.processId, FILES);
  });

  test('where no S3 keeps the records: the resume says so (G8)', async () => {
    const options = { batchSize: 10, engine: 'direct' } as const;
    const routed = await makeRouted(makeTarget, KEYED);
    await using processor = await halfLoaded(routed, options, 0);
    await moveOne(routed, WHOLE);
    await drop(routed, 'auxiliary');
    await makeAgain(routed, 'auxiliary', KEYED);
    const failed = insertTens(processor, 30, 60).then(() => processor.flush());
    expect(await failureOf(failed)).toMatchObject(LOST);
    await processor.abort();
    const resumed = BulkProcessor.resume(processor.processId, routed.target.config(options));
    expect(await failureOf(resumed)).toMatchObject({
      code: 'STAGED_FILE_LOST',
      hint: expect.stringMatching(/relyt abort .* --anew/),
    });
  });
});

test('rows move back that imports wrote to the auxiliary table only, and the main table is lost (G1)', async () => {
  const routed = await makeRouted(makeTarget, KEYED, { groups: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] });
  await using processor = await halfLoaded(routed, FILES, 30);
  await moveAllBack(routed);
  expect(await routed.main()).toHaveLength(30);
  await drop(routed, 'main');
  await makeAgain(routed, 'main', KEYED);
  expect(await failureOf(processor.shutdown())).toMatchObject(lostRows('main'));
  await finish(routed, processor.processId, FILES);
});
