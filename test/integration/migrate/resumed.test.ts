// A migration that ends anywhere is gone on with by the next one: every key once, every group in one table (G1).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { armFailpoint, type FailpointName } from '../../../src/failpoints.ts';
import type { MigrateOptions } from '../../../src/migrate/migrate-options.ts';
import { ensureBuilt } from '../../support/build.ts';
import { failAt } from '../../support/fail-at.ts';
import { failureOf } from '../../support/loading.ts';
import { defaultServer, newestServers } from '../../support/stack.ts';
import { type RoutedFixture, type Row, routedTablesOn } from './routed-tables.ts';

const CHILD = fileURLToPath(new URL('./fixtures/migrate-child.mjs', import.meta.url));
/** The least a lease may be, so that nobody waits longer than needed. */
const LEASE = { leaseSeconds: 3 };

/** Every durable boundary of a move, and of the loops the second turn as well. */
const BOUNDARIES: readonly (readonly [FailpointName, number, 'whole' | 'batches'])[] = [
  ['move-before-commit', 1, 'whole'],
  ['move-committed', 1, 'whole'],
  ['move-recorded', 1, 'batches'],
  ['move-batch-copied', 1, 'batches'],
  ['move-batch-copied', 3, 'batches'],
  ['move-before-flip', 1, 'batches'],
  ['move-flipped', 1, 'batches'],
  ['move-batch-cleaned', 1, 'batches'],
  ['move-batch-cleaned', 3, 'batches'],
];
const DIRECTIONS = ['to-auxiliary', 'to-main'] as const;
const CASES = DIRECTIONS.flatMap((direction) =>
  BOUNDARIES.map(([name, hit, how]) => [name, hit, direction, how] as const),
);

interface Interrupted {
  readonly t: RoutedFixture;
  readonly options: Partial<MigrateOptions>;
  readonly before: Row[];
}

/** Two groups to move and one that stays, before any of them has moved in this direction. */
async function prepared(
  t: RoutedFixture,
  direction: (typeof DIRECTIONS)[number],
  how: 'whole' | 'batches',
): Promise<Interrupted> {
  await t.setUp({ view: true });
  await t.fill(1, 1, 130);
  await t.fill(2, 1001, 110);
  await t.fill(3, 2001, 20);
  if (direction === 'to-main') await t.migrate();
  const batchRows = how === 'batches' ? 50 : 1000;
  const back = direction === 'to-main';
  const options = { batchRows, back, threshold: back ? 1000 : 100, ...LEASE };
  return { t, options, before: await t.read() };
}

/** Readers saw nothing of the interruption; the next migration ends everything, and the one after has nothing to do. */
async function expectGoesOn({ t, options, before }: Interrupted): Promise<void> {
  expect(await t.read()).toEqual(before);
  const report = await t.migrate(options);
  expect(report.tables[0]).toMatchObject({ leftToOthers: [], remaining: 0 });
  expect(await t.read()).toEqual(before);
  expect(await t.routed()).toEqual(options.back ? [] : ['1', '2']);
  await t.expectSettled(before.length);
  expect((await t.migrate(options)).tables[0]?.groups).toEqual([]);
}

describe.each(newestServers())('an error at a boundary on $name', (server) => {
  const makeTable = routedTablesOn(server);

  test.each(CASES)('%s, turn %i, %s (%s)', async (name, hit, direction, how) => {
    const interrupted = await prepared(await makeTable(), direction, how);
    const disarm = failAt(name, { hit, failure: () => new Error('the end of it') });
    const { t, options } = interrupted;
    expect((await failureOf(t.migrate(options))).message).toContain('the end of it');
    disarm();
    await expectGoesOn(interrupted);
  });
});

describe.concurrent('SIGKILL at a boundary', () => {
  const makeTable = routedTablesOn(defaultServer());
  beforeAll(async () => {
    await ensureBuilt();
  });

  test.each(CASES)('%s, turn %i, %s (%s)', async (failpoint, hit, direction, how) => {
    const interrupted = await prepared(await makeTable(), direction, how);
    const { t, options } = interrupted;
    const config = { postgresql: { connectionString: t.database.url } };
    const order = {
      config,
      options: { tables: [`public.${t.name}`], ...options },
      failpoint,
      hit,
    };
    const child = spawn(process.execPath, [CHILD, JSON.stringify(order)]);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        said += String(text);
      });
    const [, signal] = await once(child, 'close');
    expect({ signal, said }).toEqual({ signal: 'SIGKILL', said: `at ${failpoint}\n` });
    await expectGoesOn(interrupted);
  });
});

describe('between the transactions of a move', () => {
  const makeTable = routedTablesOn(defaultServer());

  /** Does something once, at the `hit`-th time the migration comes by. */
  function at(name: FailpointName, hit: number, work: () => Promise<unknown>): void {
    let hits = 0;
    const disarm = armFailpoint(name, async () => {
      if (++hits === hit) await work();
    });
    onTestFinished(disarm);
  }

  test('rows that were deleted or went to another group after they were copied are not left in the copy', async () => {
    const { t, options } = await prepared(await makeTable(), 'to-auxiliary', 'batches');
    at('move-batch-copied', 2, async () => {
      await t.database.query(`delete from ${t.main} where id = 7`);
      await t.database.query(`update ${t.main} set group_id = 3 where id = 8`);
    });
    await t.migrate(options);
    expect((await t.read('id in (7, 8)')).map(({ group_id }) => group_id)).toEqual([3]);
    await t.expectSettled(259);
  });

  test('rows written past the routing after the flip are not deleted with what was left behind', async () => {
    const { t, options } = await prepared(await makeTable(), 'to-auxiliary', 'batches');
    at('move-flipped', 1, () =>
      t.database.query(`insert into ${t.main} values (100000, 1, 'past the routing')`),
    );
    await t.migrate(options);
    expect(await t.database.query(`select v from ${t.main} where group_id = 1`)).toEqual([
      { v: 'past the routing' },
    ]);
    expect(await t.counts(t.auxiliary)).toEqual({ 1: 130, 2: 110 });
  });

  test('a key that is written into the other table in the very moment is met by a second attempt', async () => {
    const { t, options } = await prepared(await makeTable(), 'to-auxiliary', 'whole');
    const client = await t.database.pool.connect();
    try {
      // Not committed yet, so the migration does not see it, and waits for it when it inserts its own.
      await client.query(`begin; insert into ${t.auxiliary} values (5, 1, 'past the routing')`);
      const migrating = t.migrate(options);
      const waiting = `select 1 from pg_stat_activity where application_name = 'relyt migrate' and wait_event = 'transactionid'`;
      await expect.poll(() => t.database.query(waiting)).toHaveLength(1);
      await client.query('commit');
      expect((await migrating).tables[0]?.groups[0]).toMatchObject({ group: '1', replaced: 1 });
    } finally {
      client.release();
    }
    await t.expectSettled(260);
  });

  test('the signal stops it: what is begun is rolled back or gone on with, at once', async () => {
    const { t, options, before } = await prepared(await makeTable(), 'to-auxiliary', 'batches');
    const stop = new AbortController();
    at('move-batch-copied', 2, async () => stop.abort());
    const stopped = await t.migrate({ ...options, leaseSeconds: 600, signal: stop.signal });
    expect(stopped).toMatchObject({ stopped: true, tables: [{ groups: [], remaining: 2 }] });
    expect(await t.moves()).toMatchObject([{ routing_id: '1', phase: 'COPY', rows_copied: 100 }]);
    const dry = await t.migrate({ ...options, dryRun: true });
    expect(dry.rate).toMatchObject({ measured: true });
    expect(dry.tables[0]?.groups).toMatchObject([{ group: '2' }]);
    // Stopped again after it was taken up: nobody knows how long it was left alone in between.
    const again = new AbortController();
    at('move-batch-copied', 1, async () => again.abort());
    await t.migrate({ ...options, signal: again.signal });
    expect(await t.moves()).toMatchObject([{ routing_id: '1', phase: 'COPY' }]);
    expect((await t.migrate({ ...options, dryRun: true })).rate).toMatchObject({ measured: false });
    const { tables } = await t.migrate(options);
    expect(tables[0]?.groups).toMatchObject([
      { group: '1', rows: 130, resumed: true },
      { group: '2', rows: 110, resumed: false },
    ]);
    expect(await t.read()).toEqual(before);
    await t.expectSettled(260);
  });

  test('one that is asked for the other direction ends it first, and says which way each group went', async () => {
    const { t, options } = await prepared(await makeTable(), 'to-auxiliary', 'batches');
    const stop = new AbortController();
    at('move-batch-copied', 1, async () => stop.abort());
    await t.migrate({ ...options, signal: stop.signal });
    const { tables } = await t.migrate({ ...options, back: true, threshold: 1 });
    expect(tables[0]).toMatchObject({
      direction: 'to-main',
      groups: [{ group: '1', direction: 'to-auxiliary', resumed: true }],
    });
    await t.expectSettled(260);
  });

  test('it waits for an import that holds the routing, and the signal ends the waiting', async () => {
    const { t, options, before } = await prepared(await makeTable(), 'to-auxiliary', 'whole');
    const client = await t.database.pool.connect();
    try {
      await client.query(`begin; lock table ${t.routing} in share mode`);
      const stop = new AbortController();
      const migrating = t.migrate({ ...options, signal: stop.signal });
      const waiting = `select 1 from pg_locks where not granted and relation = '${t.routing}'::regclass`;
      await expect.poll(() => t.database.query(waiting)).toHaveLength(1);
      expect(await t.read()).toEqual(before);
      stop.abort();
      expect(await migrating).toMatchObject({ stopped: true, tables: [{ remaining: 2 }] });
      const another = t.migrate(options);
      await expect.poll(() => t.database.query(waiting)).toHaveLength(1);
      await client.query('commit');
      expect((await another).tables[0]?.groups).toHaveLength(2);
    } finally {
      client.release();
    }
    await t.expectSettled(260);
  });

  test('a process that lost its move to another one commits nothing of it any more (G6)', async () => {
    const { t, options, before } = await prepared(await makeTable(), 'to-auxiliary', 'batches');
    at('move-batch-copied', 1, () =>
      // As if it had been asleep for longer than its lease, and somebody else had gone on.
      t.database.query(`update relyt_sys.relyt_loader_move set epoch = epoch + 1, heartbeat_at = to_timestamp(0)
        where main_table = 'public.${t.name}'`),
    );
    const { tables } = await t.migrate(options);
    expect(tables[0]).toMatchObject({ leftToOthers: ['1'], groups: [{ group: '2' }] });
    expect(await t.moves()).toMatchObject([{ routing_id: '1', phase: 'COPY', rows_copied: 50 }]);
    await expectGoesOn({ t, options, before });
  });
});
