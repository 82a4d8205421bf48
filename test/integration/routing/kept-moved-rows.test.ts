// No false alarm: rows of a running load move between the tables, or a table is lost, and none of them with it.

import { describe, expect, test } from 'vitest';
import type { BulkProcessor } from '../../../src/bulk-processor.ts';
import { targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { FILES, MOVES, moveAllBack, moveOne, WHOLE } from './moved-groups.ts';
import { asRows, makeRouted, type RoutedTarget, tens } from './routed-target.ts';
import { drop, halfLoaded, insertTens, KEYED, makeAgain } from './sixty-records.ts';

const makeTarget = targetsOn(defaultServer());

async function complete(routed: RoutedTarget, processor: BulkProcessor): Promise<void> {
  await insertTens(processor, 30, 60);
  await processor.shutdown();
  await routed.expectRows(asRows(tens(60)));
}

describe('nothing is lost, and the load goes on', () => {
  test.each(MOVES)('when groups move $way, there and back', async ({ how }) => {
    const routed = await makeRouted(makeTarget, KEYED);
    await using processor = await halfLoaded(routed, FILES, 0);
    await moveOne(routed, how);
    await processor.flush();
    await moveAllBack(routed, how);
    await moveOne(routed, how);
    await complete(routed, processor);
  });

  test('when the load begins after the loss', async () => {
    const routed = await makeRouted(makeTarget, KEYED);
    await routed.target.load(tens(30), FILES);
    await moveOne(routed, WHOLE);
    await drop(routed, 'auxiliary');
    await makeAgain(routed, 'auxiliary', KEYED);
    await routed.target.load(tens(60), FILES);
    await routed.expectRows(asRows(tens(60)));
  });

  test('when the table is back under its name', async () => {
    const routed = await makeRouted(makeTarget, KEYED);
    await using processor = await halfLoaded(routed, FILES, 0);
    await moveOne(routed, WHOLE);
    const { auxiliary, target } = routed;
    await routed.query(`alter table ${auxiliary} rename to ${target.table}_away`);
    await routed.query(
      `alter table public.${target.table}_away rename to ${target.table}_relyt_massive_group`,
    );
    await complete(routed, processor);
  });

  test.each(MOVES)(
    'when all rows have moved back $way before the table is dropped',
    async ({ how }) => {
      const routed = await makeRouted(makeTarget, KEYED);
      await using processor = await halfLoaded(routed, FILES, 0);
      await moveOne(routed, how);
      await moveAllBack(routed, how);
      await drop(routed, 'auxiliary');
      await makeAgain(routed, 'auxiliary', KEYED);
      await complete(routed, processor);
    },
  );

  test('when they do that, and imports had written to it', async () => {
    const routed = await makeRouted(makeTarget, KEYED, { groups: [7] });
    await using processor = await halfLoaded(routed, FILES);
    await moveAllBack(routed);
    await drop(routed, 'auxiliary');
    await makeAgain(routed, 'auxiliary', KEYED);
    await processor.flush();
    await complete(routed, processor);
  });

  test('when a user empties the table, which is their will', async () => {
    const routed = await makeRouted(makeTarget, KEYED);
    await using processor = await halfLoaded(routed, FILES, 0);
    await moveOne(routed, WHOLE);
    await routed.query(`truncate ${routed.auxiliary}`);
    await insertTens(processor, 30, 60);
    await processor.shutdown();
    expect(await routed.target.checkpoint(processor.processId)).toMatchObject({
      status: 'COMPLETED',
    });
    expect(await routed.moved()).toHaveLength(3);
  });
});
