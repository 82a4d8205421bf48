// G1 when the loader, the migration or the database dies while groups move under a load: every record once, every
// group in one table, the newest values.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { StackS3 } from 'relyt-dev';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { migrateGroups } from '../../src/administration.ts';
import { armFailpoint, type FailpointName } from '../../src/failpoints.ts';
import type { MigrateOptions } from '../../src/migrate/migrate-options.ts';
import { addRouting, RoutedTarget } from '../integration/routing/routed-target.ts';
import { ensureBuilt } from '../support/build.ts';
import { columnsOf, type RecordShape } from '../support/given-records.mjs';
import { LoaderProcess } from '../support/loader-process.ts';
import { type MakeTarget, s3Config, TestTarget, targetsOn } from '../support/loading.ts';
import { defaultServer } from '../support/stack.ts';
import { CRASH_CONFIG } from './crash-case.ts';
import { OwnServers } from './own-servers.ts';
import { expectLoadedExactly } from './verdict.ts';

const MIGRATION = fileURLToPath(
  new URL('../integration/migrate/fixtures/migrate-child.mjs', import.meta.url),
);
/** A boundary of a move, at which turn of it, and most rows of one transaction. */
type MovePoint = readonly [FailpointName, number, number];

const MOVE_FAILPOINTS: readonly MovePoint[] = [
  ['move-before-commit', 1, 1000],
  ['move-committed', 1, 1000],
  ['move-recorded', 1, 15],
  ['move-batch-copied', 2, 15],
  ['move-before-flip', 1, 15],
  ['move-flipped', 1, 15],
  ['move-batch-cleaned', 2, 15],
];
/** Without RELYT_TEST_FULL=1, for what differs from the other cases only a little. */
const FEW_FAILPOINTS =
  process.env.RELYT_TEST_FULL === '1'
    ? MOVE_FAILPOINTS
    : MOVE_FAILPOINTS.filter(([name]) => /committed|copied|flipped/.test(name));

const SHAPE: RecordShape = { seed: 3, total: 400, keyed: true, rejects: true, groups: 3 };
const LOAD = {
  ...CRASH_CONFIG,
  batchSize: 20,
  batchImportSize: 1,
  concurrency: 4,
};
const BATCH = 20;

/** A routed table whose rows are those of both tables. */
class BothTables extends TestTarget {
  override rows<Row extends object>(columns = '*', order = '1'): Promise<Row[]> {
    const { auxiliary } = new RoutedTarget(this);
    return this.database.query<Row>(
      `select ${columns} from (select * from ${this.sql} union all select * from ${auxiliary}) x order by ${order}`,
    );
  }
}

async function makeRouted(makeTarget: MakeTarget, shape: RecordShape): Promise<RoutedTarget> {
  const made = await makeTarget(columnsOf(shape));
  const target = new BothTables(made.database, made, made.way);
  const routed = new RoutedTarget(target);
  await addRouting(routed);
  return routed;
}

const moveOptions = ({ target }: RoutedTarget, options: Partial<MigrateOptions> = {}) => ({
  tables: [`public.${target.table}`],
  threshold: 20,
  batchRows: 15,
  leaseSeconds: 3,
  ...options,
});

function migrate(routed: RoutedTarget, options: Partial<MigrateOptions> = {}) {
  const config = { postgresql: { connectionString: routed.target.database.url } };
  return migrateGroups(config, moveOptions(routed, options));
}

/** A migration in a process of its own, which has ended when this resolves. */
async function killedMigration(
  routed: RoutedTarget,
  [failpoint, hit, batchRows]: MovePoint,
  options: Partial<MigrateOptions>,
): Promise<void> {
  const config = { postgresql: { connectionString: routed.target.database.url } };
  const order = { config, options: moveOptions(routed, { batchRows, ...options }), failpoint, hit };
  const child = spawn(process.execPath, [MIGRATION, JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
}

/** Goes on with what was interrupted: a task if it has not ended, and the moves. */
async function expectGoesOn(
  routed: RoutedTarget,
  { loader, shape, s3 }: { loader: LoaderProcess; shape: RecordShape; s3?: StackS3 },
): Promise<void> {
  const { target } = routed;
  const { processId = '' } = await loader.until('opened');
  await loader.ended;
  if (loader.last('done') === undefined) {
    const config = target.config({ ...LOAD, ...(s3 && { s3: s3Config(s3) }) });
    await using second = new LoaderProcess({
      config,
      shape,
      batch: BATCH,
      processId,
      waitForLease: true,
    });
    await second.ended;
    expect(second.last('done'), second.story).toBeDefined();
  }
  expect((await migrate(routed)).tables).toMatchObject([{ leftToOthers: [], remaining: 0 }]);
  await expectLoadedExactly({ target, processId, shape, s3 });
  const [wrong] = await routed.query<{ main: number; auxiliary: number; moves: number }>(
    `select (select count(*) from ${target.sql} where group_id::text in (select routing_id from ${routed.routing}))::int as main,
       (select count(*) from ${routed.auxiliary} where group_id::text not in (select routing_id from ${routed.routing}))::int as auxiliary,
       (select count(*) from relyt_sys.relyt_loader_move where main_table = 'public.${target.table}')::int as moves`,
  );
  expect(wrong).toEqual({ main: 0, auxiliary: 0, moves: 0 });
}

const isHalfway = ({ position = 0 }: { position?: number }) => position >= 120;

beforeAll(ensureBuilt);

describe.concurrent('a migration that is killed under a load (G1)', () => {
  const makeTarget = targetsOn(defaultServer());
  const cases = [
    ...MOVE_FAILPOINTS.map((point) => ({ point, keyed: true })),
    ...FEW_FAILPOINTS.filter(([name]) => name === 'move-committed').map((point) => ({
      point,
      keyed: false,
    })),
  ];

  test.each(cases)('at $point.0, keyed: $keyed', async ({ point, keyed }) => {
    const shape = { ...SHAPE, keyed };
    const routed = await makeRouted(makeTarget, shape);
    const config = routed.target.config(LOAD);
    await using loader = new LoaderProcess({ config, shape, batch: BATCH, flushEach: true });
    await loader.until('inserted', isHalfway);
    await killedMigration(routed, point, {});
    await expectGoesOn(routed, { loader, shape });
  });

  test.each(FEW_FAILPOINTS)('on the way back, at %s', async (...point) => {
    const routed = await makeRouted(makeTarget, SHAPE);
    const config = routed.target.config(LOAD);
    await using loader = new LoaderProcess({ config, shape: SHAPE, batch: BATCH, flushEach: true });
    await loader.until('inserted', isHalfway);
    await migrate(routed);
    await killedMigration(routed, point, { back: true, threshold: 10_000 });
    await expectGoesOn(routed, { loader, shape: SHAPE });
  });
});

describe.concurrent('a loader that is killed while groups move (G1)', () => {
  const makeTarget = targetsOn(defaultServer());

  // Only imports with a bad record come by an isolation.
  test.each([
    ['files-taken', 12],
    ['rows-inserted', 12],
    ['isolation-staged', 4],
    ['before-commit', 12],
    ['committed', 12],
  ] as const)('at %s', async (name, hit) => {
    const routed = await makeRouted(makeTarget, SHAPE);
    const failpoint = { name, hit, signal: 'SIGKILL' } as const;
    const order = { config: routed.target.config(LOAD), shape: SHAPE, batch: BATCH, failpoint };
    await using loader = new LoaderProcess({ ...order, flushEach: true });
    await loader.until('opened');
    let isDead = false;
    const dead = loader.ended.then((signal) => {
      isDead = true;
      return signal;
    });
    for (let back = false; !isDead; back = !back)
      await migrate(routed, back ? { back, threshold: 10_000 } : {});
    expect(await dead, loader.story).toBe('SIGKILL');
    await expectGoesOn(routed, { loader, shape: SHAPE });
  });
});

describe('a database that crashes while groups move under a load (G1)', () => {
  let servers: OwnServers;
  beforeAll(async () => {
    servers = await OwnServers.start();
  });
  afterAll(() => servers[Symbol.asyncDispose]());

  test.each(FEW_FAILPOINTS)('at %s', async (failpoint, hit, batchRows) => {
    const routed = await makeRouted(servers.makeTarget, SHAPE);
    const { s3 } = servers;
    const config = routed.target.config({ ...LOAD, s3: s3Config(s3) });
    await using loader = new LoaderProcess({ config, shape: SHAPE, batch: BATCH, flushEach: true });
    await loader.until('inserted', isHalfway);
    let hits = 0;
    const disarm = armFailpoint(failpoint, async () => {
      if (++hits !== hit) return;
      await servers.crashDatabase();
      await servers.restartDatabase();
    });
    onTestFinished(disarm);
    // Between two transactions it does not even notice.
    await migrate(routed, { batchRows }).catch((error) =>
      expect(error).toMatchObject({ code: expect.stringMatching(/^DATABASE_/) }),
    );
    expect(hits).toBeGreaterThanOrEqual(hit);
    disarm();
    await expectGoesOn(routed, { loader, shape: SHAPE, s3 });
  });
});
