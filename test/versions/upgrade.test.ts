// An upgrade under way: loaders of an older version and of this one, side by side on one schema. G1, G6 and G8 hold for
// both, and what the older one began and left, this one brings to its end.

import { beforeAll, describe, expect, test } from 'vitest';
import { POSTGRESQL } from '../../src/core/dialect.ts';
import { installSchema } from '../../src/database/schema/install.ts';
import { migrationsFor } from '../../src/database/schema/migrations.ts';
import { CRASH_CONFIG } from '../crash/crash-case.ts';
import { expectLoadedExactly } from '../crash/verdict.ts';
import { connect } from '../integration/migrate/routed-tables.ts';
import { ensureBuilt } from '../support/build.ts';
import { columnsOf, type RecordShape } from '../support/given-records.mjs';
import { LoaderProcess } from '../support/loader-process.ts';
import { ordinaryWay, type TestTarget, targetsOn } from '../support/loading.ts';
import { defaultServer } from '../support/stack.ts';
import { isInHistory, moduleOf, OLDER_LOADERS } from './older-loader.ts';

const ENGINE = 'copy';
const MERGED: RecordShape = { seed: 71, total: 240, keyed: true, rejects: false };
const REJECTING: RecordShape = { seed: 72, total: 240, keyed: false, rejects: true };
const BATCH = 20;

beforeAll(ensureBuilt);

function orderFor(target: TestTarget, shape: RecordShape) {
  const options = { engine: ENGINE, batchSize: 40, batchImportSize: 2, concurrency: 2 } as const;
  return { config: target.config({ ...CRASH_CONFIG, ...options }), shape, batch: BATCH };
}

/** What `relyt init` of this version does: the migrations it applied. */
async function upgrade({ database }: TestTarget): Promise<number[]> {
  const installer = connect(database);
  try {
    return await installSchema(installer, { engine: ENGINE, dialect: POSTGRESQL });
  } finally {
    await installer.close();
  }
}

/** Waits until it has loaded everything. @returns the id of its task */
async function ended(loader: LoaderProcess): Promise<string> {
  await loader.ended;
  expect(loader.last('done'), loader.story).toBeDefined();
  const { processId = '' } = await loader.until('opened');
  return processId;
}

// Side by side: each has a database of its own, because the older version has to be the one that makes its schema.
describe.concurrent.each(OLDER_LOADERS)('from the loader of schema $migration', (older) => {
  // Nothing of relyt_sys is there: the older loader installs its own.
  const makeTarget = targetsOn(defaultServer(), { ...ordinaryWay(), prepared: undefined });
  const inHistory = isInHistory(older);
  const why = inHistory ? '' : ` (${older.commit.slice(0, 7)} is not in this clone's history)`;

  test.skipIf(!inHistory)(`an upgrade loses and doubles nothing (G1, G6, G8)${why}`, async () => {
    const loader = await moduleOf(older);
    const shared = await makeTarget(columnsOf(MERGED));
    const interrupted = await makeTarget(columnsOf(REJECTING));
    const order = orderFor(interrupted, REJECTING);
    const merging = { ...orderFor(shared, MERGED), flushEach: true };

    // One load of the older version is alive during the upgrade, one was killed before it.
    const half = MERGED.total / 2;
    await using living = new LoaderProcess({ ...merging, loader, holdAt: half });
    await living.until('inserted', ({ position }) => position === half);
    const failpoint = { name: 'before-commit', hit: 2, signal: 'SIGKILL' } as const;
    await using killed = new LoaderProcess({ ...order, loader, failpoint });
    expect(await killed.ended, killed.story).toBe('SIGKILL');
    const numbers = migrationsFor(ENGINE).map(({ number }) => number);
    expect(await upgrade(shared)).toEqual(numbers.filter((number) => number > older.migration));

    // Both versions upsert the same keys at the same time: the last record of each key is the same for both.
    await using beside = new LoaderProcess(merging);
    await beside.until('inserted');
    living.release();
    for (const processId of await Promise.all([living, beside].map(ended)))
      await expectLoadedExactly({ target: shared, shape: MERGED, processId });

    // The older version begins and resumes nothing there; this one brings to its end what that one left.
    const { processId = '' } = await killed.until('opened');
    for (const given of [{}, { processId }]) {
      await using refused = new LoaderProcess({ ...order, ...given, loader });
      await refused.ended;
      expect(refused.last('failed'), refused.story).toMatchObject({
        code: 'SCHEMA_TOO_NEW',
        message: expect.stringContaining(`this version knows ${older.migration} at most`),
      });
    }
    await using resumed = new LoaderProcess({ ...order, processId, waitForLease: true });
    await ended(resumed);
    await expectLoadedExactly({ target: interrupted, shape: REJECTING, processId });
  });
});
