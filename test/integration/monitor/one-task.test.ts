import { beforeAll, describe, expect, test } from 'vitest';
import type { RejectedPage } from '../../../src/monitor/rejected-entries.ts';
import type { TaskView } from '../../../src/monitor/task-view.ts';
import { generate, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer, newestServers } from '../../support/stack.ts';
import { type TwoRoles, twoRoles } from '../database/two-roles.ts';
import { failedTask } from '../operations/interrupted-tasks.ts';
import { monitorOn } from './monitor-on.ts';

describe.each(newestServers())('one task in the monitor on $name', (server) => {
  const makeTarget = targetsOn(server);

  test('G8: its files, its imports, why it failed, and the commands that come next', async () => {
    const target = await makeTarget('id int primary key, v text');
    const { processId } = await failedTask(target);
    const monitor = await monitorOn(target.database.url);

    const view = await monitor.json<TaskView>(`/api/tasks/${processId}`);

    expect(view).toMatchObject({
      shown: 'FAILED',
      commands: [`relyt resume ${processId}`, `relyt abort ${processId}`],
      details: {
        processId,
        error: expect.stringContaining('record 30'),
        task: { lastOrdinal: 30 },
      },
      imports: [
        { import_id: 2, records: 10, rejected: 0 },
        { import_id: 1, records: 10, rejected: 0 },
      ],
      pace: null,
    });
    expect(
      view.files.map(({ file_id, records, import_id }) => [file_id, records, import_id]),
    ).toEqual([
      [3, 10, null],
      [2, 10, 2],
      [1, 10, 1],
    ]);
    const { rates, spanSeconds } = view.throughput;
    expect(rates.reduce((sum, rate) => sum + rate * spanSeconds, 0)).toBe(20);
  });

  test('G8: one that is not there is said to be so', async () => {
    const target = await makeTarget('id int');
    await target.load([]);
    const monitor = await monitorOn(target.database.url);

    for (const path of [
      '/api/tasks/none',
      '/api/tasks/none/rejects',
      '/api/tasks/none/rejects.ndjson',
    ]) {
      const answer = await monitor.ask(path);
      expect(answer.status).toBe(404);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'TASK_NOT_FOUND' });
    }
  });

  test('one of the Go SDK shows what its checkpoint row says', async () => {
    const target = await makeTarget('id int');
    await target.load([]);
    await target.database.query(
      `insert into relyt_sys.relyt_loader_checkpoint (process_id, pg_table, status, start_time, files_total)
       values ('of go', 'public.t', 'RUNNING', now(), 3)`,
    );
    const monitor = await monitorOn(target.database.url);

    expect(await monitor.json('/api/tasks/of%20go')).toMatchObject({
      details: { foreign: true, files: { total: 3 } },
      files: [],
      imports: [],
      commands: [],
    });
  });
});

describe('rejected records in the monitor', () => {
  const makeTarget = targetsOn(defaultServer());
  let target: TestTarget;
  let processId: string;

  beforeAll(async () => {
    target = await makeTarget('id int primary key, v text');
    const bad = generate(250, (n) => ({
      id: n % 2 ? 'none' : n,
      v: n % 2 ? `<b>${n}</b>` : { n },
    }));
    processId = await target.load(bad, { maxErrorRecords: 250 });
    // Longer than a number of JavaScript is exact.
    await target.database.query(
      `insert into relyt_sys.relyt_loader_reject (process_id, record_ordinal, stage, code, reason, record, created_at, owner_role)
       select process_id, 1000, 'import', '23514', 'a check', '{"n": 12345678901234567890123}', now(), owner_role
       from relyt_sys.relyt_loader_task where process_id = $1`,
      [processId],
    );
  });

  test('are gone through page by page, each once', async () => {
    const monitor = await monitorOn(target.database.url);
    const seen: number[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page: RejectedPage = await monitor.json(
        `/api/tasks/${processId}/rejects?after=${after}`,
      );
      seen.push(...page.entries.map(({ ordinal }) => ordinal));
      ({ after } = page);
    }

    const [row] = await target.database.query<{ n: number }>(
      'select count(*)::int as n from relyt_sys.relyt_loader_reject where process_id = $1',
      [processId],
    );
    expect(seen).toHaveLength(row?.n ?? 0);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('are filtered by code, column and text', async () => {
    const monitor = await monitorOn(target.database.url);
    const first = async (filter: string) => {
      const page: RejectedPage = await monitor.json(`/api/tasks/${processId}/rejects?${filter}`);
      return page.entries.map(({ ordinal }) => ordinal);
    };

    expect(await first('code=23514')).toEqual([1000]);
    expect(await first('text=A+CHECK')).toEqual([1000]);
    expect(await first('column=id&text=%3Cb%3E7%3C')).toEqual([8]);
    expect(await first('column=none')).toEqual([]);
    const { kinds } = await monitor.json<{ kinds: unknown[] }>(
      `/api/tasks/${processId}/reject-kinds`,
    );
    expect(kinds).toContainEqual({ code: '23514', column_name: null, rejected: 1 });
  });

  test('G4: are exported as they are, all of their digits included', async () => {
    const monitor = await monitorOn(target.database.url);

    const { headers, text } = await monitor.ask(`/api/tasks/${processId}/rejects.ndjson`);

    expect(headers['content-disposition']).toBe('attachment; filename="rejected.ndjson"');
    const lines = text.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.at(-1)).toContain('"record":{"n": 12345678901234567890123}}');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ code: 'RECORD_INVALID', stage: 'encode' });
    const filtered = await monitor.ask(`/api/tasks/${processId}/rejects.ndjson?code=23514`);
    expect(filtered.text.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('G6, G7: a task of another role', () => {
  const makeTarget = targetsOn(defaultServer());
  let roles: TwoRoles;

  beforeAll(async () => {
    roles = await twoRoles(makeTarget);
  });

  test.each(['', '/rejects', '/rejects.ndjson', '/reject-kinds'])(
    '%j is not found',
    async (path) => {
      const monitor = await monitorOn(roles.bob.url);

      const answer = await monitor.ask(`/api/tasks/${roles.ofAlice}${path}`);

      expect(answer.status).toBe(404);
      expect(answer.text).not.toContain('secret of alice');
    },
  );
});
