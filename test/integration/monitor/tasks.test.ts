import { beforeAll, describe, expect, test } from 'vitest';
import type { TaskPage } from '../../../src/monitor/listed-tasks.ts';
import { generate, targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';
import { type TwoRoles, twoRoles } from '../database/two-roles.ts';
import { failedTask, record, standStillAt } from '../operations/interrupted-tasks.ts';
import { monitorOn } from './monitor-on.ts';

describe.each(newestServers())('tasks that the monitor lists on $name', (server) => {
  const makeTarget = targetsOn(server);

  test('G8: a failed one says why, and which command comes next', async () => {
    const target = await makeTarget('id int primary key, v text');
    const { processId } = await failedTask(target);
    const monitor = await monitorOn(target.database.url);

    const { tasks, counts } = await monitor.json<TaskPage>('/api/tasks?status=FAILED');

    expect(counts).toEqual({ FAILED: 1 });
    expect(tasks).toEqual([
      expect.objectContaining({
        processId,
        shown: 'FAILED',
        records: 20,
        files: { total: 3, imported: 2 },
        error: expect.stringContaining('record 30'),
        commands: [`relyt resume ${processId}`, `relyt abort ${processId}`],
        pace: null,
      }),
    ]);
  });

  test('a running one says how fast it is, and what waits', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open({ batchSize: 10, batchImportSize: 1 });
    await processor.insert(generate(10, record));
    await processor.flush();
    const still = standStillAt('rows-inserted');
    await processor.insert(generate(10, record));
    await still.reached;
    const monitor = await monitorOn(target.database.url);

    const { tasks } = await monitor.json<TaskPage>('/api/tasks?status=RUNNING');
    const { text } = await monitor.ask('/metrics');
    still.release();

    expect(tasks).toEqual([
      expect.objectContaining({
        shown: 'RUNNING',
        records: 10,
        pace: expect.objectContaining({ waitingFiles: 1, waitingRecords: 10 }),
      }),
    ]);
    const pace = tasks[0]?.pace;
    expect(pace?.recordsPerSecond).toBeGreaterThan(0);
    expect(pace?.leftSeconds).toBeGreaterThan(0);
    const labels = `process_id="${processor.processId}",table="public.${target.table}"`;
    expect(text).toContain('relyt_tasks{status="RUNNING"} 1\n');
    expect(text).toContain(`relyt_task_records_imported{${labels}} 10\n`);
    expect(text).toContain(`relyt_task_files_waiting{${labels}} 1\n`);
    expect(text).toContain(`relyt_task_alive{${labels}} 1\n`);
    await processor.shutdown();
  });

  test('pages follow each other without a gap', async () => {
    const target = await makeTarget('id int');
    await target.database.query(
      `insert into relyt_sys.relyt_loader_checkpoint (process_id, pg_table, status, start_time)
       select 'page-' || lpad(n::text, 3, '0'), 'public.paged', 'COMPLETED', now() - (n / 10) * interval '1 hour'
       from generate_series(1, 120) n`,
    );
    const monitor = await monitorOn(target.database.url);
    const seen: string[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const page: TaskPage = await monitor.json(`/api/tasks?table=public.paged&after=${after}`);
      seen.push(...page.tasks.map(({ processId }) => processId));
      ({ after } = page);
    }

    expect(seen).toEqual([...generate(120, (n) => `page-${String(n + 1).padStart(3, '0')}`)]);
  });
});

describe('G6, G7: the monitor of one role', () => {
  const [server] = newestServers();
  if (server === undefined) throw new Error('there is no server');
  const makeTarget = targetsOn(server);
  let roles: TwoRoles;

  beforeAll(async () => {
    roles = await twoRoles(makeTarget);
  });

  test('shows nothing of another role', async () => {
    const monitor = await monitorOn(roles.bob.url);

    const { tasks, counts } = await monitor.json<TaskPage>('/api/tasks');
    const { text } = await monitor.ask('/metrics');

    expect(tasks.map(({ processId }) => processId)).toEqual([roles.ofBob]);
    expect(counts).toEqual({ COMPLETED: 1 });
    expect(text).toContain('relyt_tasks{status="FAILED"} 0\n');
    expect(text).not.toContain(roles.ofAlice);
  });
});
