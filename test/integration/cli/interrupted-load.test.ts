import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { deleteKeys, listUploads, uniquePrefix } from '../../support/bucket.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { inputFile, type RunningRelyt, relyt, s3Environment, startRelyt } from './relyt.ts';

const prefix = uniquePrefix();
let database: TestDatabase;
let env: Record<string, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  env = { DATABASE_URL: database.url };
  const init = await relyt(['init'], { env: { ...env, ...s3Environment(prefix) } });
  expect(init).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await database.drop();
  await deleteKeys(prefix);
});
// No key: whatever is loaded twice stays twice.
beforeEach(async () => {
  await database.query('drop table if exists events');
  await database.query('create table events (n int, what text)');
});

const ARGS = ['load', '-', '--table', 'events', '--no-header', '--format', 'csv'];

function lines(first: number, last: number): string {
  let text = '';
  for (let n = first; n <= last; n++) text += `${n},event ${n}\n`;
  return text;
}

/** Blocks imports into the table until `release()`, at the latest until the end of the test. */
async function lockEvents(): Promise<{ release(): Promise<void> }> {
  const client = await database.pool.connect();
  await client.query('begin; lock table events in access exclusive mode');
  let released: Promise<void> | undefined;
  const release = () => {
    released ??= client.query('rollback').then(() => client.release());
    return released;
  };
  onTestFinished(release);
  return { release };
}

/** Resolves when an import waits for the lock. */
async function waitingImport(): Promise<void> {
  await vi.waitFor(
    async () => {
      const waiting = await database.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      expect(waiting.length).toBeGreaterThan(0);
    },
    { timeout: 60_000 },
  );
}

/** Count, smallest, largest and number of different ones: says at once whether each of 1 … n is there once. */
async function events(): Promise<unknown> {
  const [row] = await database.query(
    'select count(*)::int, count(distinct n)::int as different, min(n), max(n) from events',
  );
  return row;
}

function allOf(last: number) {
  return { count: last, different: last, min: 1, max: last };
}

/** Starts a load whose input does not end, and waits until its records have filled at least one file. */
async function startEndless(args: readonly string[], records: number): Promise<RunningRelyt> {
  const size = ['--batch-size', String(Math.min(records, 1000))];
  const running = await startRelyt([...ARGS, ...size, ...args], { env });
  running.child.stdin?.write(lines(1, records));
  await vi.waitFor(
    async () => {
      const files = await database.query(
        `select 1 from relyt_sys.relyt_loader_file f join relyt_sys.relyt_loader_checkpoint c using (process_id)
         where c.status = 'RUNNING' and c.pg_table = 'public.events'`,
      );
      expect(files.length).toBeGreaterThan(0);
    },
    { timeout: 60_000, interval: 50 },
  );
  return running;
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'G1: %s imports what was read, and --skip-records goes on, without a key',
  async (signal) => {
    const running = await startEndless([], 2000);
    running.signal(signal);
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`${signal}: importing what was read`);
    expect(stderr).toContain('the first 2,000 records of the input are done.');
    expect(stderr).toMatch(/hint: To continue: relyt load … --resume [0-9a-f-]{36} /);
    expect(stderr).toContain('relyt load … --skip-records 2000');
    expect(await events()).toEqual(allOf(2000));

    const rest = await relyt([...ARGS, '--skip-records', '2000'], { env, input: lines(1, 2500) });
    expect(rest).toMatchObject({ code: 0 });
    expect(await events()).toEqual(allOf(2500));
  },
);

test('the reason is in the checkpoint, and --json says how to go on', async () => {
  const running = await startEndless(['--json'], 10);
  running.signal('SIGINT');
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ ok: false, code: 'ABORTED', skipRecords: 10 });
  const [row] = await database.query(
    'select status, error_message from relyt_sys.relyt_loader_checkpoint where process_id = $1',
    [report.processId],
  );
  expect(row).toEqual({ status: 'FAILED', error_message: 'stopped by a signal' });
});

test('a second signal ends it at once; --resume loads the rest exactly once (G1)', async () => {
  const lock = await lockEvents();
  const running = await startEndless(['--json'], 5300);
  running.signal('SIGINT');
  await waitingImport();
  running.signal('SIGTERM');
  expect(await running.ended).toMatchObject({ code: 143, stdout: '' });
  await lock.release();
  expect(await events()).toMatchObject({ count: 0 });

  const [task] = await database.query<{ process_id: string }>(
    `update relyt_sys.relyt_loader_task set heartbeat_at = now() - interval '1 day'
     where process_id = (select process_id from relyt_sys.relyt_loader_checkpoint where status = 'RUNNING')
     returning process_id`,
  );
  const processId = task?.process_id ?? '';
  const args = [...ARGS, '--batch-size', '1000', '--resume', processId, '--json'];
  const resumed = await relyt(args, { env, input: lines(1, 7000) });
  expect(resumed).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(resumed.stdout)).toMatchObject({ ok: true, processId, records: 7000 });
  expect(await events()).toEqual(allOf(7000));
  expect(await listUploads(prefix)).toEqual([]);
});

test('G1, G8: the first signal names the command that goes on, should a second one end it', async () => {
  const file = inputFile('events.csv', lines(1, 5000));
  const lock = await lockEvents();
  const args = ['load', file, '--table', 'events', '--no-header', '--batch-size', '1000'];
  const running = await startRelyt(args, { env });
  await waitingImport();
  running.signal('SIGINT');
  const printed =
    /a second signal ends at once\. To continue afterwards: relyt (resume ([0-9a-f-]{36}))\n/;
  await vi.waitFor(() => expect(running.stderr).toMatch(printed), { timeout: 60_000 });
  running.signal('SIGINT');
  expect(await running.ended).toMatchObject({ code: 130 });
  await lock.release();

  const [, command = '', processId = ''] = printed.exec(running.stderr) ?? [];
  await database.query(
    `update relyt_sys.relyt_loader_task set heartbeat_at = now() - interval '1 day' where process_id = $1`,
    [processId],
  );
  expect(await relyt(command.split(' '), { env })).toMatchObject({ code: 0 });
  expect(await events()).toEqual(allOf(5000));
});

test('a load that failed says how to resume, and resuming loads each record once (G1)', async () => {
  await database.query('alter table events add constraint small check (n <= 6000)');
  const failing = [...ARGS, '--batch-size', '1000', '--json', '--max-errors', '0'];
  const failed = await relyt(failing, { env, input: lines(1, 9000) });
  expect(failed.code).toBe(1);
  const { processId, hint } = JSON.parse(failed.stdout);
  expect(hint).toContain(`Then: relyt load … --resume ${processId} (with the same input).`);
  expect(hint).toContain(
    `relyt load … --resume ${processId} --max-errors N (with the same input).`,
  );
  await database.query('alter table events drop constraint small');
  const resumed = await relyt([...failing, '--resume', processId], { env, input: lines(1, 9000) });
  expect(resumed).toMatchObject({ code: 0 });
  expect(await events()).toEqual(allOf(9000));
});

test('a stop after the end of the input was read changes nothing', async () => {
  const file = inputFile('events.csv', lines(1, 100));
  const lock = await lockEvents();
  const args = ['load', file, '--table', 'events', '--no-header'];
  const running = await startRelyt(args, { env });
  await waitingImport();
  running.signal('SIGINT');
  await vi.waitFor(() => expect(running.stderr).toContain('SIGINT'), { timeout: 60_000 });
  await lock.release();
  expect(await running.ended).toMatchObject({ code: 0 });
  expect(await events()).toEqual(allOf(100));
});

test('a reader of stdout and stderr that goes away does not end the load', async () => {
  const running = await startRelyt([...ARGS, '--max-errors', '9'], { env });
  running.child.stdout?.destroy();
  running.child.stderr?.destroy();
  running.child.stdin?.end(`x,malformed\n${lines(1, 500)}`);
  expect(await running.ended).toMatchObject({ code: 3 });
  expect(await events()).toEqual(allOf(500));
});
