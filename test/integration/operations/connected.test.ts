// One handle for everything that is asked of tasks and done about them: it takes no more connections than it may, gives
// all of them back, and says of a load what the load itself would say.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Connected, connect } from '../../../src/connected.ts';
import { failureOf, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { accessTo } from '../cli/relyt-on.ts';
import { makeRouted } from '../routing/routed-target.ts';

const makeTarget = targetsOn(defaultServer());
const COLUMNS = 'id int primary key, v text check (v <> $$bad$$)';
const open: Connected[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function connectedTo(target: TestTarget, connections?: number): Promise<Connected> {
  const handle = await connect(accessTo(target), { connections });
  open.push(handle);
  return handle;
}

/** Connections of the loader right now. */
async function connections(target: TestTarget): Promise<number> {
  const [row] = await target.database.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity
     where datname = current_database() and application_name like 'relyt%'`,
  );
  return row?.n ?? Number.NaN;
}

describe('a handle', () => {
  test('lists tasks, shows one, and reads its rejected records', async () => {
    const target = await makeTarget(COLUMNS);
    const records = [{ id: 1, v: 'x' }, { id: 2, v: 'bad' }, { id: 'three' }];
    const processId = await target.load(records, { maxErrorRecords: 2 });
    const relyt = await connectedTo(target);
    const tasks = await relyt.tasks({ table: `public.${target.table}` });
    expect(tasks).toMatchObject([{ processId, status: 'COMPLETED' }]);
    expect(await relyt.task(processId)).toMatchObject({ processId });
    const rejected: number[] = [];
    for await (const { ordinal } of relyt.rejectedRecords(processId)) rejected.push(ordinal);
    expect(rejected).toEqual([2, 3]);
    expect(await connections(target)).toBe(1);
  });

  test('aborts a task and collects what it left', async () => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open();
    await processor.insert([{ id: 1, v: 'x' }]);
    await processor.suspend('for this test');
    const relyt = await connectedTo(target);
    expect(await relyt.abort(processor.processId)).toMatchObject({
      processId: processor.processId,
    });
    expect((await relyt.task(processor.processId)).status).toBe('CANCELLED');
    await relyt.gc({ dryRun: true });
    expect(await failureOf(relyt.task('no-such-task'))).toMatchObject({ code: 'TASK_NOT_FOUND' });
  });

  test('migrates groups', async () => {
    const routed = await makeRouted(makeTarget, 'id int primary key, group_id int, v text');
    const rows = Array.from({ length: 20 }, (_, id) => ({ id, group_id: id < 15 ? 1 : 2, v: 'x' }));
    await routed.target.load(rows);
    const relyt = await connectedTo(routed.target);
    const table = `public.${routed.target.table}`;
    const { tables } = await relyt.migrate({ tables: [table], threshold: 10 });
    expect(tables).toMatchObject([{ groups: [{ group: '1', rows: 15 }] }]);
    expect((await routed.ids()).auxiliary).toHaveLength(15);
  });

  test('explains a load, and examines everything that one needs', async () => {
    const target = await makeTarget(COLUMNS);
    const relyt = await connectedTo(target);
    const load = { table: target.table, onConflict: 'nothing' } as const;
    expect(await relyt.explain(load, [{ id: 1, v: 'x' }])).toMatchObject({
      table: `public.${target.table}`,
      key: ['id'],
      conflictMode: 'nothing',
    });
    expect(await target.count()).toBe(0);
    const steps: string[] = [];
    const report = await relyt.doctor(load, { onStep: ({ status }) => steps.push(status) });
    expect(report.ok).toBe(true);
    expect(steps).toHaveLength(report.steps.length);
  });

  test('works side by side within its connections, and gives them back (G5)', async () => {
    const target = await makeTarget(COLUMNS);
    const processId = await target.load([{ id: 1, v: 'x' }]);
    const relyt = await connectedTo(target, 3);
    await Promise.all(Array.from({ length: 12 }, () => relyt.task(processId)));
    expect(await connections(target)).toBeLessThanOrEqual(3);
    await relyt.close();
    await vi.waitFor(async () => expect(await connections(target)).toBe(0));
    expect(await failureOf(relyt.tasks())).toMatchObject({ code: 'CLOSED' });
  });

  test('goes on after its connections broke (G1)', async () => {
    const target = await makeTarget(COLUMNS);
    const processId = await target.load([{ id: 1, v: 'x' }]);
    const relyt = await connectedTo(target);
    await relyt.task(processId);
    await target.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name like 'relyt%'`,
    );
    await vi.waitFor(async () => expect(await relyt.task(processId)).toMatchObject({ processId }));
  });
});

test('a database that does not answer is found at once (G8)', async () => {
  const refused = connect({ postgresql: { host: '127.0.0.1', port: 1 } });
  expect(await failureOf(refused)).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
});
