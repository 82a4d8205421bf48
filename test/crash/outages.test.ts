// G1 when a server goes away under a loader that lives on: it rides the outage out, or fails in an orderly way and
// is resumed. Either way every record arrives once.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FailpointName } from '../../src/failpoints.ts';
import { ensureBuilt } from '../support/build.ts';
import { columnsOf } from '../support/given-records.mjs';
import { LoaderProcess } from '../support/loader-process.ts';
import { type MakeTarget, s3Config } from '../support/loading.ts';
import {
  CRASH_CONFIG,
  LOAD_FAILPOINTS,
  type LoadShape,
  SHAPES,
  type ShapeName,
} from './crash-case.ts';
import { OwnServers } from './own-servers.ts';
import { expectLoadedExactly } from './verdict.ts';

const full = process.env.RELYT_TEST_FULL === '1';
let servers: OwnServers;

beforeAll(async () => {
  await ensureBuilt();
  servers = await OwnServers.start();
});
afterAll(() => servers[Symbol.asyncDispose]());

/** Which boundary, and with which of the shapes, when not all are tried. */
type Points = Partial<Record<FailpointName, ShapeName>>;

function cases(points: Points): { failpoint: FailpointName; shape: ShapeName }[] {
  const shapes = (Object.keys(SHAPES) as ShapeName[]).filter((name) => !/parts/.test(name));
  return LOAD_FAILPOINTS.flatMap((failpoint) => {
    const chosen = points[failpoint];
    if (!full) return chosen === undefined ? [] : [{ failpoint, shape: chosen }];
    if (failpoint === 'part-uploaded') return [{ failpoint, shape: 'files of several parts' }];
    return shapes
      .filter((shape) => failpoint !== 'isolation-staged' || SHAPES[shape].rejects)
      .map((shape) => ({ failpoint, shape }));
  });
}

interface Outage {
  readonly failpoint: FailpointName;
  readonly shape: ShapeName;
  readonly makeTarget: MakeTarget;
  /** Takes the server away; `back` is called when the loader has gone on. */
  readonly away: () => Promise<void>;
  readonly back: () => Promise<void>;
}

/** Holds the loader at the failpoint, takes the server away, and lets it run into that. */
async function loadThroughOutage(outage: Outage): Promise<void> {
  const { batch, config: options, ...rest } = SHAPES[outage.shape] as LoadShape;
  const shape = { ...rest, seed: 11 };
  const target = await outage.makeTarget(columnsOf(shape));
  const config = target.config({ ...CRASH_CONFIG, ...options, s3: s3Config(servers.s3) });
  const hit = /before-(summary|finish)/.test(outage.failpoint) ? 1 : 2;
  const failpoint = { name: outage.failpoint, hit, signal: 'SIGSTOP' } as const;
  await using loader = new LoaderProcess({ config, shape, batch, failpoint });
  await loader.until('failpoint');
  await outage.away();
  await loader.wake();
  await outage.back();
  expect(await loader.ended, loader.story).toBeNull();
  const { processId = '' } = await loader.until('opened');
  if (loader.last('done') === undefined) {
    expect(loader.last('failed'), loader.story).toMatchObject({
      code: expect.stringMatching(/^(DATABASE|S3|IMPORT)_/),
    });
    await using second = new LoaderProcess({ config, shape, batch, processId, waitForLease: true });
    await second.ended;
    expect(second.last('done'), second.story).toBeDefined();
  }
  await expectLoadedExactly({ target, processId, shape, s3: servers.s3 });
}

describe('a database that crashes and comes back (G1)', () => {
  test.each(
    cases({
      'file-recorded': 'a table without a key',
      'before-freeze': 'rejected records',
      frozen: 'four imports at once',
      'rows-inserted': 'a table with a key',
      'before-commit': 'a table without a key',
      committed: 'a table without a key',
      'before-finish': 'rejected records',
    }),
  )('at $failpoint with $shape', async (point) => {
    await loadThroughOutage({
      ...point,
      makeTarget: servers.makeTarget,
      away: () => servers.crashDatabase(),
      back: () => servers.restartDatabase(),
    });
  });
});

describe('an S3 server that goes away and comes back (G1)', () => {
  test.each(
    cases({
      'file-recorded': 'a table with a key',
      'part-uploaded': 'files of several parts',
      'object-completed': 'four imports at once',
      'files-taken': 'rejected records',
      'external-created': 'a table without a key',
    }),
  )('at $failpoint with $shape', async (point) => {
    await loadThroughOutage({
      ...point,
      makeTarget: servers.makeTarget,
      away: () => servers.stopS3(),
      back: () => servers.restartS3(),
    });
  });
});
