// G1 when a server goes away under a loader that lives on: it rides the outage out, or fails in an orderly way and
// is resumed. Either way every record arrives once.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningPostgres, startPostgres } from '../../src/embedded/postgres/server.ts';
import { type RunningS3Server, startS3Server } from '../../src/embedded/s3/server.ts';
import { FAILPOINTS, type FailpointName } from '../../src/failpoints.ts';
import { ensureBuilt } from '../support/build.ts';
import { TestDatabase } from '../support/database.ts';
import { columnsOf } from '../support/given-records.mjs';
import { LoaderProcess } from '../support/loader-process.ts';
import { type MakeTarget, s3Config, TestTarget, targetsOn } from '../support/loading.ts';
import { defaultServer, type StackS3 } from '../support/stack.ts';
import { CRASH_CONFIG, type LoadShape, SHAPES, type ShapeName } from './crash-case.ts';
import { expectLoadedExactly } from './verdict.ts';

const full = process.env.RELYT_TEST_FULL === '1';
const folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-outages-'));
// As root, PostgreSQL runs as another user, who has to get through here.
chmodSync(folder, 0o711);

beforeAll(ensureBuilt);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Which boundary, and with which of the shapes, when not all are tried. */
type Points = Partial<Record<FailpointName, ShapeName>>;

function cases(points: Points): { failpoint: FailpointName; shape: ShapeName }[] {
  const shapes = (Object.keys(SHAPES) as ShapeName[]).filter((name) => !/parts/.test(name));
  return FAILPOINTS.flatMap((failpoint) => {
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
  readonly s3?: StackS3;
  /** Takes the server away; `back` is called when the loader has gone on. */
  readonly away: () => Promise<void>;
  readonly back: () => Promise<void>;
}

/** Holds the loader at the failpoint, takes the server away, and lets it run into that. */
async function loadThroughOutage(outage: Outage): Promise<void> {
  const { batch, config: options, ...rest } = SHAPES[outage.shape] as LoadShape;
  const shape = { ...rest, seed: 11 };
  const target = await outage.makeTarget(columnsOf(shape));
  const where = outage.s3 === undefined ? {} : { s3: s3Config(outage.s3) };
  const config = target.config({ ...CRASH_CONFIG, ...options, ...where });
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
  await expectLoadedExactly({ target, processId, shape, s3: outage.s3 });
}

describe('a database that crashes and comes back (G1)', () => {
  let server: RunningPostgres;
  let database: TestDatabase;
  let made = 0;

  beforeAll(async () => {
    const dataDir = path.join(folder, 'postgres');
    // What a crash of the server must not lose is lost only with the machine.
    server = await startPostgres({ dataDir, settings: { fsync: 'off' } });
    const { url, logFile } = server;
    database = new TestDatabase({ name: 'postgres-18', url, logFile }, 'postgres', {});
  });
  afterAll(async () => {
    await database.pool.end();
    await server.stop();
  });

  const makeTarget: MakeTarget = async (columns) => {
    const place = { schema: 'public', table: `t${++made}`, prefix: `outage-${process.pid}` };
    const target = new TestTarget(database, place);
    await database.query(`create table ${target.sql} (${columns})`);
    return target;
  };

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
      makeTarget,
      away: () => server.stop({ mode: 'immediate' }),
      back: () => server.restart(),
    });
  });
});

describe('an S3 server that goes away and comes back (G1)', () => {
  const makeTarget = targetsOn(defaultServer());
  const secrets = { accessKey: 'OUTAGEKEY', secretKey: 'outage-secret', region: 'us-east-1' };
  let server: RunningS3Server;
  let port = 0;

  const start = async () => {
    const dataDir = path.join(folder, 's3');
    server = await startS3Server({ dataDir, port, ...secrets, buckets: ['outage'] });
    port = server.port;
  };
  beforeAll(start);
  afterAll(() => server.stop());

  test.each(
    cases({
      'file-recorded': 'a table with a key',
      'part-uploaded': 'files of several parts',
      'object-completed': 'four imports at once',
      'files-taken': 'rejected records',
      'external-created': 'a table without a key',
      'before-delete': 'a table with a key',
    }),
  )('at $failpoint with $shape', async (point) => {
    const s3 = { ...secrets, bucket: 'outage', endpoint: server.endpoint };
    await loadThroughOutage({
      ...point,
      makeTarget,
      s3,
      away: () => server.stop(),
      back: start,
    });
  });
});
