// What happens to the routing while a task runs: an import follows it as it is in its own transaction, or fails whole.

import { describe, expect, test, vi } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { armFailpoint, type FailpointName } from '../../../src/failpoints.ts';
import { createRole } from '../../support/database.ts';
import { holdCommit } from '../../support/held-commit.ts';
import { failureOf, type LoadingWay, targetsOn } from '../../support/loading.ts';
import { newestServers, testStack } from '../../support/stack.ts';
import { setUpRouting } from '../migrate/routed-tables.ts';
import { addRouting, asRows, makeRouted, RoutedTarget, tens } from './routed-target.ts';

const KEYED = 'id int primary key, group_id int, v text';

const CASES = newestServers().flatMap((server) =>
  (['postgres', 'copy'] as const).map((engine) => ({ server, engine })),
);

/** Flushes these records: their import is over when it resolves. */
async function load(processor: BulkProcessor, records: readonly unknown[]): Promise<void> {
  await processor.insert(records);
  await processor.flush();
}

describe.each(CASES)('routing that changes, $engine on $server.name', ({ server, engine }) => {
  const way: LoadingWay = {
    s3: testStack().s3,
    prefix: '',
    prepared: engine === 'postgres' ? 'postgres' : 'other',
    configure: (config) => ({ ...config, engine }),
    prepare: async () => undefined,
  };
  const makeTarget = targetsOn(server, way);

  test('a table that becomes a routed one in mid-load', async () => {
    const routed = new RoutedTarget(await makeTarget(KEYED));
    await using processor = await routed.target.open();
    await load(processor, tens(20));
    await addRouting(routed);
    await load(processor, tens(20, 'second', 10));
    await routed.move(7, 'auxiliary');
    await load(processor, tens(20, 'third', 20));
    await processor.shutdown();
    await routed.expectRows(
      asRows([...tens(10), ...tens(10, 'second', 10), ...tens(20, 'third', 20)]),
    );
  });

  test('a set-up waits for an import that began before it, and could not know (G1)', async () => {
    const routed = new RoutedTarget(await makeTarget(KEYED));
    const { target } = routed;
    const { database } = target;
    using commit = holdCommit();
    await using processor = await target.open();
    const loaded = load(processor, tens(20));
    await commit.reached;
    const setUp = setUpRouting(database, { table: target.table });
    await vi.waitFor(
      async () => {
        const waiting = await database.query(
          `select 1 from pg_locks where relation = $1::regclass and not granted`,
          [target.sql],
        );
        expect(waiting).toHaveLength(1);
      },
      { timeout: 60_000 },
    );
    commit.release();
    await Promise.all([loaded, setUp]);
    await routed.move(7, 'auxiliary');
    await load(processor, tens(30, 'second'));
    await processor.shutdown();
    await routed.expectRows(asRows(tens(30, 'second')));
  });

  test('one that becomes routed while an import waits for it', async () => {
    const routed = new RoutedTarget(await makeTarget(KEYED));
    await routed.target.load(tens(10));
    await using processor = await routed.target.open();
    // As `relyt init --routing` does when it copies what the main table is.
    const lock = await routed.target.lock();
    const loaded = load(processor, tens(20, 'second'));
    try {
      await routed.target.untilImportWaits();
      await routed.query('create schema if not exists relyt_sys');
      await routed.query(
        `create table ${routed.routing} (routing_id text primary key, store_table_name text not null)`,
      );
      await routed.query(`create table ${routed.auxiliary} (${KEYED})`);
      await routed.route(3);
    } finally {
      await lock.release();
    }
    await loaded;
    await processor.shutdown();
    await routed.expectRows(asRows(tens(20, 'second')));
  });

  test('groups that move between two imports, to and fro', async () => {
    const routed = await makeRouted(makeTarget, KEYED, { groups: [7] });
    await using processor = await routed.target.open({ concurrency: 2 });
    await load(processor, tens(30));
    await routed.move(3, 'auxiliary');
    await load(processor, tens(30, 'second'));
    await routed.move(7, 'main');
    await load(processor, tens(40, 'third'));
    await processor.shutdown();
    await routed.expectRows(asRows(tens(40, 'third')));
  });

  test('an import that waits for a move follows it, whatever isolation its role asks for', async () => {
    const routed = await makeRouted(makeTarget, KEYED, { groups: [7] });
    await routed.target.load(tens(20));
    const { database } = routed.target;
    const role = await createRole(database, 'loader');
    await database.query(`alter role "${role.name}" superuser`);
    await database.query(
      `alter role "${role.name}" set default_transaction_isolation = 'serializable'`,
    );
    await using processor = await routed.target.open({ url: role.url });
    const client = await database.pool.connect();
    let loaded: Promise<void>;
    try {
      await client.query('begin');
      await client.query(`lock table ${routed.routing} in share row exclusive mode`);
      loaded = load(processor, tens(30, 'second'));
      await routed.target.untilImportWaits();
      await client.query(`with moved as (delete from ${routed.target.sql} where group_id = 3 returning *)
        insert into ${routed.auxiliary} select * from moved`);
      await client.query(`insert into ${routed.routing} values ('3', 'x')`);
    } finally {
      await client.query('commit');
      client.release();
    }
    await loaded;
    await processor.shutdown();
    await routed.expectRows(asRows(tens(30, 'second')));
  });

  test('a routing table dropped between two imports: all goes to the main table', async () => {
    const routed = await makeRouted(makeTarget, KEYED, { groups: [7] });
    await using processor = await routed.target.open();
    await load(processor, tens(10));
    await routed.move(7, 'main');
    await routed.query(`drop table ${routed.routing}`);
    await load(processor, tens(20, 'second'));
    await processor.shutdown();
    expect(await routed.ids()).toEqual({ main: tens(20).map(({ id }) => id), auxiliary: [] });
  });

  test('one dropped while an import waits for it', async () => {
    const routed = await makeRouted(makeTarget, KEYED);
    await using processor = await routed.target.open();
    const client = await routed.target.database.pool.connect();
    let loaded: Promise<void>;
    try {
      await client.query('begin');
      await client.query(`drop table ${routed.routing}`);
      loaded = load(processor, tens(20));
      await routed.target.untilImportWaits();
    } finally {
      await client.query('commit');
      client.release();
    }
    await loaded;
    await processor.shutdown();
    expect(await routed.target.count()).toBe(20);
  });

  test('columns added to both tables come along when a row changes its table', async () => {
    const routed = await makeRouted(makeTarget, KEYED, { groups: [7] });
    await using processor = await routed.target.open();
    await load(processor, tens(10));
    for (const table of [routed.target.sql, routed.auxiliary])
      await routed.query(`alter table ${table} add added int`);
    await routed.query(`update ${routed.target.sql} set added = id`);
    await routed.query(`update ${routed.auxiliary} set added = id`);
    await load(processor, [
      { id: 1, group_id: 7, v: 'x' },
      { id: 7, group_id: 1, v: 'x' },
    ]);
    await processor.shutdown();
    expect(await routed.moved('id, added')).toEqual([{ id: 1, added: 1 }]);
    expect(await routed.main('id, added')).toContainEqual({ id: 7, added: 7 });
  });

  test('an auxiliary table altered between two imports fails the task whole; undone, a resume ends it (G1, G8)', async () => {
    const routed = await makeRouted(makeTarget, KEYED, { groups: [7] });
    await using processor = await routed.target.open();
    const { processId } = processor;
    await load(processor, tens(10));
    await routed.query(`alter table ${routed.auxiliary} alter v type bytea using v::bytea`);
    const failure = await failureOf(load(processor, tens(20, 'second')));
    expect(failure).toMatchObject({
      code: 'TABLE_CHANGED',
      details: { table: `public.${routed.target.table}_relyt_massive_group`, column: 'v' },
    });
    await failureOf(processor.shutdown());
    expect((await routed.ids()).main).toHaveLength(9);
    await routed.query(
      `alter table ${routed.auxiliary} alter v type text using convert_from(v, 'UTF8')`,
    );
    await using resumed = await BulkProcessor.resume(processId, routed.target.config());
    await resumed.shutdown();
    await routed.expectRows(asRows(tens(20, 'second')));
  });

  test('an auxiliary table that is gone is an error that says so (G8)', async () => {
    const routed = await makeRouted(makeTarget, KEYED, { groups: [7] });
    await using processor = await routed.target.open();
    await load(processor, tens(10));
    await routed.query(`drop table ${routed.auxiliary}`);
    const failure = await failureOf(load(processor, tens(10)));
    expect(failure.message).toContain('relyt_massive_group');
    const fresh = await failureOf(routed.target.load(tens(10)));
    expect(fresh).toMatchObject({
      code: 'ROUTING_INVALID',
      hint: expect.stringContaining('relyt init'),
    });
    expect(await routed.target.count()).toBe(9);
  });

  test.each(['external-created', 'rows-inserted', 'before-commit', 'committed'] as const)(
    'a failure at %s leaves both tables as before, and the next attempt loads both once (G1)',
    async (name) => {
      const routed = await makeRouted(makeTarget, 'id int, group_id int, v text', { groups: [7] });
      await using _ = failingOnce(name);
      await routed.target.load(tens(40), { batchSize: 15, batchImportSize: 1, concurrency: 2 });
      await routed.expectRows(asRows(tens(40)));
    },
  );
});

/** Fails the first import that comes by, as a lost connection does. */
function failingOnce(name: FailpointName): AsyncDisposable {
  let failed = false;
  const disarm = armFailpoint(name, async () => {
    if (failed) return;
    failed = true;
    throw Object.assign(new Error('the connection was lost'), { code: 'ECONNRESET' });
  });
  return {
    async [Symbol.asyncDispose]() {
      disarm();
      expect(failed).toBe(true);
    },
  };
}
