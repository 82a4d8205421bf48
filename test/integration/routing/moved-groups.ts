/** A migration that moves groups of a routed target between its tables while a load runs. */

import { expect } from 'vitest';
import { migrateGroups } from '../../../src/administration.ts';
import type { MigrateOptions } from '../../../src/migrate/migrate-options.ts';
import type { LoadOptions } from '../../support/loading.ts';
import { accessTo } from '../cli/relyt-on.ts';
import type { RoutedTarget } from './routed-target.ts';

export const FILES: LoadOptions = { batchSize: 10, batchImportSize: 1 };
export const WHOLE = {};
const IN_BATCHES = { batchRows: 1 };

/** Moves groups of the ten there are, three rows each. */
export async function migrate(
  routed: RoutedTarget,
  options: Partial<MigrateOptions>,
): Promise<void> {
  const { schema, table } = routed.target;
  const report = await migrateGroups(accessTo(routed.target), {
    tables: [`${schema}.${table}`],
    threshold: 3,
    ...options,
  });
  const [{ groups = [], failed = [] } = {}] = report.tables;
  expect(failed).toEqual([]);
  expect(groups.map(({ how }) => how)).toContain('batchRows' in options ? 'batches' : 'whole');
}

export async function moveOne(routed: RoutedTarget, how: Partial<MigrateOptions>): Promise<void> {
  await migrate(routed, { maxGroups: 1, ...how });
  expect(await routed.moved()).toHaveLength(3);
}

export const moveAllBack = (routed: RoutedTarget, how: Partial<MigrateOptions> = WHOLE) =>
  migrate(routed, { back: true, threshold: 1000, ...how });

export const MOVES = [
  { way: 'whole', how: WHOLE },
  { way: 'in batches', how: IN_BATCHES },
];
