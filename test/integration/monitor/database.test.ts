import { describe, expect, test } from 'vitest';
import type { DatabaseFindings } from '../../../src/monitor/database-findings.ts';
import type { RoutingView } from '../../../src/monitor/routing-view.ts';
import { createRole } from '../../support/database.ts';
import { generate, targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';
import { loseSight, record, standStillAt } from '../operations/interrupted-tasks.ts';
import { makeRouted } from '../routing/routed-target.ts';
import { KEYED } from '../routing/sixty-records.ts';
import { monitorOn } from './monitor-on.ts';

describe.each(newestServers())('the database in the monitor on $name', (server) => {
  const makeTarget = targetsOn(server);

  test('routed tables: where the biggest groups live, and moves without a process (G8)', async () => {
    const routed = await makeRouted(makeTarget, KEYED);
    const { table, database } = routed.target;
    await routed.target.load([]);
    await routed.query(
      `insert into ${routed.target.sql} select n, n % 10, 'v' from generate_series(1, 100) n`,
    );
    await routed.move(7, 'auxiliary');
    await database.query(
      `insert into relyt_sys.relyt_loader_move (main_table, routing_id, direction, phase, owner, epoch, heartbeat_at,
         lease_seconds, rows_total, rows_copied, started_at, updated_at)
       values ($1, '3', 'to-auxiliary', 'COPY', 'gone:1', 1, now() - interval '1 hour', 30, 10, 4, now(), now())`,
      [`public.${table}`],
    );
    await database.query('analyze');
    const monitor = await monitorOn(database.url);

    const { tables } = await monitor.json<{ tables: RoutingView[] }>('/api/routing');

    expect(tables).toEqual([
      expect.objectContaining({
        table: `public.${table}`,
        mainRows: 90,
        auxiliaryRows: 10,
        problem: null,
        moves: [
          {
            group: '3',
            direction: 'to-auxiliary',
            phase: 'COPY',
            rows: 10,
            done: 4,
            alive: false,
            command: `relyt migrate --threshold 1000000000 --tables public.${table}`,
          },
        ],
      }),
    ]);
    expect(tables[0]?.routed).toMatchObject({ column: 'group_id', groups: 1 });
    expect(tables[0]?.routed?.biggest).toContainEqual({ group: '7', rows: 10, lives: 'auxiliary' });
    expect(tables[0]?.routed?.biggest).toContainEqual({ group: '3', rows: 10, lives: 'main' });
  });

  test('all is well, and which engine is chosen', async () => {
    const target = await makeTarget('id int');
    await target.load([]);
    const monitor = await monitorOn(target.database.url);

    const said = await monitor.json<DatabaseFindings>('/api/database');

    expect(said.version).toMatch(/^PostgreSQL \d/);
    expect(said.engine).toBe('postgres');
    expect(said.findings.map(({ name, ok }) => [name, ok])).toEqual([
      ['foreign code', true],
      ['schema', true],
      ['rights', true],
      ['dead tasks', true],
    ]);
  });

  test('G8: dead tasks, with the commands that continue or end them', async () => {
    const target = await makeTarget('id int, v text');
    const processor = await target.open({ batchSize: 10, leaseSeconds: 3600 });
    const still = standStillAt('rows-inserted');
    await processor.insert(generate(10, record));
    await still.reached;
    await loseSight(target, processor.processId);
    const monitor = await monitorOn(target.database.url);

    const { findings } = await monitor.json<DatabaseFindings>('/api/database');
    still.release();
    await processor.shutdown();

    expect(findings.find(({ name }) => name === 'dead tasks')).toMatchObject({
      ok: false,
      commands: [`relyt resume ${processor.processId}`, `relyt abort ${processor.processId}`],
    });
  });

  test('G8: a role that may not load is told so', async () => {
    const target = await makeTarget('id int');
    await target.load([]);
    const role = await createRole(target.database, 'reader');
    const monitor = await monitorOn(role.url);

    const { findings } = await monitor.json<DatabaseFindings>('/api/database');

    expect(findings.find(({ name }) => name === 'rights')).toMatchObject({
      ok: false,
      todo: expect.stringContaining('relyt init --role'),
    });
  });
});
