// Every guarantee once, on each version of PostgreSQL: what differs between versions shows here. Depth is in the suites
// of test/integration, which run on two of them.

import pg from 'pg';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { abortTask } from '../../src/administration.ts';
import { BulkProcessor } from '../../src/bulk-processor.ts';
import { CRASH_CONFIG, crashAndResume, SHAPES } from '../crash/crash-case.ts';
import { expectLoadedExactly } from '../crash/verdict.ts';
import { examined, STEPS, step, stepsOf } from '../integration/cli/examination.ts';
import { inputFile } from '../integration/cli/relyt.ts';
import { environmentOf, relytOn } from '../integration/cli/relyt-on.ts';
import { LIKE_GREENPLUM_6, routedTablesOn } from '../integration/migrate/routed-tables.ts';
import { makeRouted } from '../integration/routing/routed-target.ts';
import { ensureBuilt } from '../support/build.ts';
import {
  describeEngines,
  type EngineUnderTest,
  enginesUnderTest,
} from '../support/engines-under-test.ts';
import { columnsOf, givenRecords, type RecordShape } from '../support/given-records.mjs';
import { createLoaderRole, failureOf, generate, targetsOn } from '../support/loading.ts';
import { majorOf, type TestServer, testStack } from '../support/stack.ts';

beforeAll(ensureBuilt);

const LAYOUTS = ['csv', 'binary'] as const;

/** What reads tuples at all. */
function layoutsOf({ name }: EngineUnderTest) {
  return name === 'aws-s3' ? (['csv'] as const) : LAYOUTS;
}

/** Of `make matrix`: which server a test ran on, as the server says it. */
declare module 'vitest' {
  interface TaskMeta {
    server?: { readonly name: string; readonly version: string };
  }
}

const SERVERS = new Set<TestServer>([
  ...testStack().servers,
  ...enginesUnderTest().flatMap(({ servers }) => servers),
]);

test.for([...SERVERS])('what runs on $name runs on that', async (server, { task }) => {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string }>('select version()');
    const version = rows[0]?.version ?? '';
    task.meta.server = { name: server.name, version };
    expect(version).toMatch(server.isCluster ? /^PostgreSQL \d/ : `PostgreSQL ${majorOf(server)}.`);
  } finally {
    await client.end();
  }
});

// Its tests wait, for leases to run out and for answers, so those of a suite run side by side.
describeEngines('every guarantee', ({ engine, makeTarget }) => {
  test.concurrent.each(layoutsOf(engine))(
    'layout %s, an upsert with records that are rejected (G1, G2, G3, G4, G7)',
    async (layout) => {
      const shape: RecordShape = { seed: 11, total: 400, keyed: true, rejects: true };
      const target = await makeTarget(columnsOf(shape));
      const options = {
        layout,
        batchSize: 30,
        batchImportSize: 2,
        concurrency: 3,
        maxErrorRecords: 99,
      };
      const processId = await target.load(givenRecords(shape, 0, shape.total), options);
      await expectLoadedExactly({ target, shape, processId });
    },
  );

  test.concurrent('an upsert of rows that are there keeps the columns it does not load (G3)', async () => {
    const target = await makeTarget('id int primary key, v text, kept text');
    await target.database.query(
      `insert into ${target.sql} select n, 'old', 'kept' from generate_series(0, 499) n`,
    );
    const records = generate(1000, (id) => ({ id, v: 'new' }));
    await target.load(records, { columns: ['id', 'v'], batchSize: 200, concurrency: 2 });
    expect(await target.rows(`count(*)::int as n, count(kept)::int as kept, min(v) as v`)).toEqual([
      { n: 1000, kept: 500, v: 'new' },
    ]);
  });

  test.concurrent("'nothing' keeps what is there, 'error' rejects a record whose key is there (G3)", async () => {
    const target = await makeTarget('id int primary key, v text');
    await target.load([{ id: 1, v: 'first' }]);
    await target.load(
      [
        { id: 1, v: 'second' },
        { id: 2, v: 'x' },
      ],
      { onConflict: 'nothing' },
    );
    await target.load(
      [
        { id: 2, v: 'y' },
        { id: 3, v: 'z' },
      ],
      { onConflict: 'error', maxErrorRecords: 1 },
    );
    expect(await target.rows('v')).toEqual([{ v: 'first' }, { v: 'x' }, { v: 'z' }]);
  });

  test.concurrent.each([
    ['before-commit', 'a table with a key'],
    ['committed', 'a table without a key'],
  ] as const)('killed at %s, with %s, and resumed (G1, G6)', async (failpoint, shape) => {
    await crashAndResume(makeTarget, { failpoint, hit: 2, shape, seed: 5 });
  });

  test.concurrent('a task that failed is resumed from its position (G1)', async () => {
    const { batch, config, ...rest } = SHAPES['rejected records'];
    const shape = { ...rest, seed: 4 };
    const target = await makeTarget(columnsOf(shape));
    const options = target.config({ ...CRASH_CONFIG, ...config });
    await using first = await BulkProcessor.create(options);
    await first.insert(givenRecords(shape, 0, 2 * batch), { position: 2 * batch });
    await first.suspend('half of it');
    await using second = await BulkProcessor.resume(first.processId, options);
    for (let at = Number(second.position); at < shape.total; at += batch)
      await second.insert(givenRecords(shape, at, at + batch), { position: at + batch });
    await second.shutdown();
    await expectLoadedExactly({ target, shape, processId: first.processId });
  });

  test.concurrent('a routed target: each group goes to its table (G1)', async () => {
    const routed = await makeRouted(makeTarget, 'id int primary key, group_id int', {
      groups: [1],
    });
    await routed.target.load(
      generate(60, (id) => ({ id, group_id: id % 3 })),
      { batchSize: 25 },
    );
    const { main, auxiliary } = await routed.ids();
    expect({ main: main.length, auxiliary: auxiliary.length }).toEqual({ main: 40, auxiliary: 20 });
  });

  test.concurrent('insert() waits while imports do not get on (G5)', async () => {
    const target = await makeTarget('id int');
    await using processor = await target.open({ batchSize: 10, batchImportSize: 2 });
    const lock = await target.lock();
    let pulled = 0;
    const many = function* () {
      while (pulled < 400) yield { id: pulled++ };
    };
    const inserted = processor.insert(many());
    let seen = -1;
    await vi.waitFor(
      () => {
        const before = seen;
        seen = pulled;
        expect(seen).toBe(before);
      },
      { interval: 300, timeout: 60_000 },
    );
    expect(pulled).toBeLessThan(300);
    await lock.release();
    await inserted;
    await processor.shutdown();
    expect(await target.count()).toBe(400);
  });

  test.concurrent('a process that lost its task commits nothing any more (G6)', async () => {
    const target = await makeTarget('id int');
    await using processor = await target.open({ batchSize: 10 });
    const lock = await target.lock();
    await processor.insert(generate(5, (id) => ({ id })));
    const ended = failureOf(processor.shutdown());
    const { postgresql, s3 } = target.config();
    const { schema: _schema, table: _table, ...connection } = postgresql;
    await abortTask({ postgresql: connection, s3 }, processor.processId, { force: true });
    await lock.release();
    expect((await ended).code).toBe('LEASE_LOST');
    expect(await target.count()).toBe(0);
  });

  test.concurrent('a refused record is named by an error that says what to do, and no secret (G8)', async () => {
    const target = await makeTarget('id int, amount int check (amount >= 0)');
    const given = [{ amount: 1 }, { amount: -1 }].map((record, id) => ({ id, ...record }));
    const failure = await failureOf(target.load(given));
    expect(failure).toMatchObject({ code: 'IMPORT_REFUSED', details: { sqlstate: '23514' } });
    expect(failure.message).toContain('record 2');
    const told = `${failure.stack}${JSON.stringify(failure)}`;
    for (const secret of [engine.s3.secretKey, new URL(target.database.url).password])
      if (secret !== '') expect(told).not.toContain(secret);
    expect(await target.count()).toBe(0);
  });

  test.concurrent('a role that has a loader’s rights and no others', async () => {
    const target = await makeTarget('id int primary key, v text');
    const { name, url } = await createLoaderRole(target);
    await engine.allow?.(target.database, name);
    await target.database.query(`grant select, insert, update on ${target.sql} to ${name}`);
    await target.load(
      generate(50, (id) => ({ id, v: `v${id}` })),
      { url },
    );
    expect(await target.count()).toBe(50);
  });
});

describe.each(testStack().servers)('the command on $name', (server) => {
  const makeTarget = targetsOn(server);

  const engines = enginesUnderTest()
    .filter(({ name, servers }) => name !== 'aws-s3' && servers.includes(server))
    .map(({ name }) => name);

  test.each(engines)('doctor finds all well: %s', async (engine) => {
    const target = await makeTarget('id int primary key, v text');
    await target.load([]);
    const report = await examined(
      environmentOf(target),
      '--engine',
      engine,
      '--table',
      target.table,
    );
    expect(stepsOf(report, 'failed')).toEqual([]);
    expect(step(report, 'engine')?.message).toContain(`for PostgreSQL ${majorOf(server)}.`);
    if (engine !== 'direct') expect(stepsOf(report, 'ok')).toEqual(STEPS);
  });

  test('loads a file, shows what it would run, and what it did', async () => {
    const target = await makeTarget('id int primary key, at timestamptz, v text');
    const file = inputFile('in.csv', 'id,at,v\n1,2026-01-02T03:04:05Z,"a ""b"""\n2,,\n');
    const load = ['load', file, '--table', `public.${target.table}`];
    expect(await relytOn(target, ...load, '--dry-run')).toMatchObject({ code: 0, stderr: '' });
    expect(await target.count()).toBe(0);
    expect(await relytOn(target, ...load, '--json')).toMatchObject({ code: 0 });
    expect(await target.rows('id, at is null as empty, v')).toEqual([
      { id: 1, empty: false, v: 'a "b"' },
      { id: 2, empty: true, v: null },
    ]);
    const tasks = await relytOn(target, 'tasks', '--json');
    expect(tasks).toMatchObject({ code: 0, stdout: expect.stringContaining('COMPLETED') });
  });
});

describe.each(testStack().servers)('a migration on $name', (server) => {
  const makeTable = routedTablesOn(server);

  test.each(['whole', 'in batches'])('of a group, %s', async (how) => {
    const t = await makeTable();
    await t.setUp({ view: true });
    await t.fill(100, 1, 300);
    await t.fill(7, 1000, 20);
    const before = await t.read();
    const options = how === 'whole' ? {} : { batchRows: 70 };
    const report = await t.migrate(options);
    expect(report.tables[0]?.groups).toMatchObject([{ group: '100', rows: 300 }]);
    expect(await t.read()).toEqual(before);
    await t.expectSettled(320);
  });

  test('as on a database that changes one table at a time', async () => {
    const t = await makeTable();
    await t.setUp();
    await t.fill(100, 1, 200);
    await t.migrateAs(LIKE_GREENPLUM_6);
    await t.expectSettled(200);
  });
});
