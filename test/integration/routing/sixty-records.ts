/** A load of sixty records into a routed target that loses rows half-way, and its end. */

import { expect } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import type { LoadOptions } from '../../support/loading.ts';
import { asRows, type RoutedTarget, type Side, tens } from './routed-target.ts';

export const KEYED = 'id int primary key, group_id int, v text';
export const PLAIN = 'id int, group_id int, v text';

export async function insertTens(
  processor: BulkProcessor,
  from: number,
  to: number,
): Promise<void> {
  for (let first = from; first < to; first += 10)
    await processor.insert(tens(10, 'first', first), { position: first + 10 });
}

/** The first half is imported. */
export async function halfLoaded(
  routed: RoutedTarget,
  options: LoadOptions,
  inAuxiliary = 3,
): Promise<BulkProcessor> {
  const processor = await routed.target.open(options);
  await insertTens(processor, 0, 30);
  await processor.flush();
  expect(await routed.moved()).toHaveLength(inAuxiliary);
  return processor;
}

export async function drop(routed: RoutedTarget, side: Side): Promise<void> {
  await routed.query(`drop table ${routed.tableOf(side)}`);
}

export async function makeAgain(routed: RoutedTarget, side: Side, columns: string): Promise<void> {
  await routed.query(`create table ${routed.tableOf(side)} (${columns})`);
}

/** What a load fails with. */
export const lostRows = (side: Side) => ({
  code: 'DATABASE_WENT_BACK',
  message: expect.stringMatching(side === 'main' ? /another table public/ : /the auxiliary table/),
});

/** Goes on as an application would, from the stored position, and has each record once. */
export async function finish(
  routed: RoutedTarget,
  processId: string,
  options: LoadOptions,
): Promise<void> {
  expect(await routed.target.checkpoint(processId)).toMatchObject({ status: 'FAILED' });
  await using resumed = await BulkProcessor.resume(processId, routed.target.config(options));
  await insertTens(resumed, Number(resumed.position), 60);
  await resumed.shutdown();
  await routed.expectRows(asRows(tens(60)));
  const { inserted, updated, rejected } = await routed.counts(processId);
  expect([inserted + updated, rejected]).toEqual([60, 0]);
  expect(await routed.target.checkpoint(processId)).toMatchObject({ status: 'COMPLETED' });
}
