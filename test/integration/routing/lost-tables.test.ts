// G1 when one of the two tables of a routed target loses the rows of a task: it is dropped, and made again or not. The
// loader notices, and what the error says to do loads everything exactly once.

import { describe, expect, test } from 'vitest';
import { abortTask } from '../../../src/administration.ts';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import type { EngineName } from '../../../src/engines/profiles.ts';
import { failureOf, type LoadOptions, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { accessTo } from '../cli/relyt-on.ts';
import { asRows, makeRouted, type Side, tens } from './routed-target.ts';
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

const FILES: LoadOptions = { batchSize: 10, batchImportSize: 1 };

const ENGINES: readonly EngineName[] = ['postgres', 'copy'];
const SIDES: readonly Side[] = ['main', 'auxiliary'];
const CASES = ENGINES.flatMap((engine) => SIDES.map((side) => ({ engine, side })));

describe.each(CASES)(
  'the $side table of a routed target is dropped and made again, engine $engine (G1)',
  ({ engine, side }) => {
    const options = { ...FILES, engine };

    test('between two imports', async () => {
      const routed = await makeRouted(makeTarget, KEYED, { groups: [7] });
      await using processor = await halfLoaded(routed, options);
      await drop(routed, side);
      await makeAgain(routed, side, KEYED);
      const failed = insertTens(processor, 30, 60).then(() => processor.flush());
      expect(await failureOf(failed)).toMatchObject(lostRows(side));
      await processor.abort();
      await finish(routed, processor.processId, options);
    });

    test('while the load is idle', async () => {
      const routed = await makeRouted(makeTarget, KEYED, { groups: [7] });
      await using processor = await halfLoaded(routed, options);
      await drop(routed, side);
      await makeAgain(routed, side, KEYED);
      expect(await failureOf(processor.shutdown())).toMatchObject(lostRows(side));
      await finish(routed, processor.processId, options);
    });

    test('between a failure and the resume', async () => {
      const routed = await makeRouted(makeTarget, KEYED, { groups: [7] });
      await using processor = await halfLoaded(routed, options);
      await processor.suspend('for this test');
      await drop(routed, side);
      await makeAgain(routed, side, KEYED);
      await finish(routed, processor.processId, options);
    });

    test('without a key nothing tells which rows are left: none is doubled, and the hint works (G8)', async () => {
      const routed = await makeRouted(makeTarget, PLAIN, { groups: [7] });
      await using processor = await halfLoaded(routed, options);
      const { processId } = processor;
      await drop(routed, side);
      await makeAgain(routed, side, PLAIN);
      expect(await failureOf(processor.shutdown())).toMatchObject(lostRows(side));
      const resumed = BulkProcessor.resume(processId, routed.target.config(options));
      expect(await failureOf(resumed)).toMatchObject({
        code: 'DATABASE_WENT_BACK',
        hint: expect.stringMatching(
          /Delete the rows of this task, abort it .* load the source again/,
        ),
      });
      expect(await routed.ids()).toMatchObject(side === 'main' ? { main: [] } : { auxiliary: [] });
      await routed.query(`delete from ${routed.target.sql}`);
      await routed.query(`delete from ${routed.auxiliary}`);
      await abortTask(accessTo(routed.target), processId);
      await routed.target.load(tens(60), options);
      await routed.expectRows(asRows(tens(60)));
    });
  },
);

describe.each(SIDES)('the %s table of a routed target is dropped (G1)', (side) => {
  test('with nothing in its place the load fails, and goes on when there is one again', async () => {
    const routed = await makeRouted(makeTarget, KEYED, { groups: [7] });
    await using processor = await halfLoaded(routed, FILES);
    await drop(routed, side);
    const failure = await failureOf(processor.shutdown());
    expect(failure).toMatchObject(lostRows(side));
    const resumed = BulkProcessor.resume(processor.processId, routed.target.config(FILES));
    expect(await failureOf(resumed)).toMatchObject(
      side === 'main'
        ? { code: 'TABLE_NOT_FOUND' }
        : { code: 'ROUTING_INVALID', hint: expect.stringContaining('relyt init') },
    );
    await makeAgain(routed, side, KEYED);
    await finish(routed, processor.processId, FILES);
  });

  test('and made again, where no S3 keeps the records: the resume says so, and loading anew is exact (G8)', async () => {
    const options = { batchSize: 10, engine: 'direct' } as const;
    const routed = await makeRouted(makeTarget, KEYED, { groups: [7] });
    await using processor = await halfLoaded(routed, options);
    const { processId } = processor;
    await drop(routed, side);
    await makeAgain(routed, side, KEYED);
    const failed = insertTens(processor, 30, 60).then(() => processor.flush());
    expect(await failureOf(failed)).toMatchObject(lostRows(side));
    await processor.abort();
    const resumed = BulkProcessor.resume(processId, routed.target.config(options));
    expect(await failureOf(resumed)).toMatchObject({
      code: 'STAGED_FILE_LOST',
      hint: expect.stringMatching(/relyt abort .* --anew/),
    });
    await abortTask(accessTo(routed.target), processId);
    await routed.target.load(tens(60), options);
    await routed.expectRows(asRows(tens(60)));
  });
});
