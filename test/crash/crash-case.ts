/** A load that is killed at a failpoint, and another process that goes on with it. */

import { expect } from 'vitest';
import { FAILPOINTS, type FailpointName } from '../../src/failpoints.ts';
import { columnsOf, type RecordShape } from '../support/given-records.mjs';
import { LoaderProcess } from '../support/loader-process.ts';
import type { LoadOptions, MakeTarget } from '../support/loading.ts';
import { expectLoadedExactly } from './verdict.ts';

export interface LoadShape extends Omit<RecordShape, 'seed'> {
  readonly batch: number;
  readonly config: LoadOptions;
}

/** Those that a load comes by before its end is stored; the others are a migration's, or of its cleaning up. */
export const LOAD_FAILPOINTS = FAILPOINTS.filter((name) => !/^move-|^before-delete$/.test(name));

/** The least the lease may be, so that nobody waits longer than needed. */
export const CRASH_CONFIG = { leaseSeconds: 3, maxErrorRecords: 1_000 } as const;

/** Each shape takes another way through the loader. */
export const SHAPES = {
  'a table with a key': {
    total: 300,
    keyed: true,
    rejects: false,
    batch: 25,
    config: { batchSize: 50, batchImportSize: 2 },
  },
  'a table without a key': {
    total: 300,
    keyed: false,
    rejects: false,
    batch: 40,
    config: { batchSize: 50, batchImportSize: 2, compression: 'gzip' },
  },
  'rejected records': {
    total: 300,
    keyed: false,
    rejects: true,
    batch: 25,
    config: { batchSize: 40, batchImportSize: 1 },
  },
  'four imports at once': {
    total: 400,
    keyed: true,
    rejects: true,
    batch: 10,
    config: { batchSize: 8, batchImportSize: 2, concurrency: 4 },
  },
  'several files in a batch': {
    total: 300,
    keyed: false,
    rejects: true,
    batch: 110,
    config: { batchSize: 20, batchImportSize: 2 },
  },
  'files of several parts': {
    total: 9_000,
    keyed: false,
    rejects: false,
    padBytes: 3_000,
    batch: 1_500,
    config: { batchSize: 4_500 },
  },
} as const satisfies Record<string, LoadShape>;

export type ShapeName = keyof typeof SHAPES;

export interface CrashCase {
  readonly failpoint: FailpointName;
  readonly hit: number;
  readonly shape: ShapeName;
  readonly seed: number;
}

/** Kills a loader there, resumes in a second process, and compares the table with what was given. */
export async function crashAndResume(makeTarget: MakeTarget, crash: CrashCase): Promise<void> {
  const { batch, config: options, ...rest } = SHAPES[crash.shape] as LoadShape;
  const shape = { ...rest, seed: crash.seed };
  const target = await makeTarget(columnsOf(shape));
  const config = target.config({ ...CRASH_CONFIG, ...options });
  const failpoint = { name: crash.failpoint, hit: crash.hit, signal: 'SIGKILL' } as const;
  await using first = new LoaderProcess({ config, shape, batch, failpoint });
  await first.until('failpoint');
  expect(await first.ended, first.story).toBe('SIGKILL');
  const { processId = '' } = await first.until('opened');
  await using second = new LoaderProcess({ config, shape, batch, processId, waitForLease: true });
  await second.ended;
  expect(second.last('done'), second.story).toBeDefined();
  await expectLoadedExactly({ target, processId, shape });
}
