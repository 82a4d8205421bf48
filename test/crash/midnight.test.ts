// Staged files stand in the folder of their day: what a killed loader left in those of two days is found (G1, G7).

import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type RunningS3Server, startS3Server } from 'relyt-dev';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listKeys } from '../support/bucket.ts';
import { ensureBuilt } from '../support/build.ts';
import { columnsOf, type RecordShape } from '../support/given-records.mjs';
import { LoaderProcess } from '../support/loader-process.ts';
import { s3Config, targetsOn } from '../support/loading.ts';
import { defaultServer } from '../support/stack.ts';
import { CRASH_CONFIG } from './crash-case.ts';
import { expectLoadedExactly } from './verdict.ts';

const SHAPE: RecordShape = { seed: 21, total: 300, keyed: false, rejects: true };
const DAY_MS = 24 * 3600 * 1000;

beforeAll(ensureBuilt);

describe('a task killed after midnight (UTC)', () => {
  const makeTarget = targetsOn(defaultServer());
  const secrets = { accessKey: 'MIDNIGHTKEY', secretKey: 'midnight-secret', region: 'us-east-1' };
  let folder: string;
  let server: RunningS3Server;
  /** Brings the clocks of the server and the loaders near midnight: it comes when the load is half-way. */
  let aheadMs = 0;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-midnight-'));
    const now = () => new Date(Date.now() + aheadMs);
    server = await startS3Server({ dataDir: folder, ...secrets, buckets: ['midnight'], now });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('staged files stand in the folders of two days, and a resume finds them all (G1, G7)', async () => {
    aheadMs = DAY_MS - (Date.now() % DAY_MS) - 120_000;
    const s3 = { ...secrets, bucket: 'midnight', endpoint: server.endpoint };
    const target = await makeTarget(columnsOf(SHAPE));
    const config = target.config({ ...CRASH_CONFIG, batchSize: 50, s3: s3Config(s3) });
    // A jump over midnight: how fast the machine is must not decide on which side of it a record is.
    const clock = [
      { fromPosition: 0, byMs: aheadMs },
      { fromPosition: 130, byMs: aheadMs + 240_000 },
    ];
    const order = { config, shape: SHAPE, batch: 10, clock };
    const lock = await target.lock();
    try {
      await using first = new LoaderProcess(order);
      const { processId = '' } = await first.until('opened');
      await target.untilImportWaits();
      // Six files, the last of them just being written.
      await first.until('inserted', ({ position }) => position === 260);
      first.kill();
      await first.ended;
      await lock.release();
      const keys = await listKeys(`${target.prefix}/`, s3);
      const days = new Set(keys.map((key) => key.split('/')[1]));
      expect([...days], first.story).toHaveLength(2);

      await using second = new LoaderProcess({ ...order, processId, waitForLease: true });
      await second.ended;
      expect(second.last('done'), second.story).toBeDefined();
      await expectLoadedExactly({ target, processId, shape: SHAPE, s3 });
    } finally {
      await lock.release();
    }
  });
});
