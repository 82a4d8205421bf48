// G1: a scheduler runs the same command again. Without a key the unfinished load of the same file goes on, so that no
// row is doubled; with one a load that is complete is skipped as well.

import { appendFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { inputFile, relyt, startRelyt } from './relyt.ts';
import { environmentOf, relytOn, said } from './relyt-on.ts';

const COLUMNS = 'n int, what text';
/** More than is read while imports wait. */
const RECORDS = 200_000;

function lines(first: number, last: number): string {
  let text = '';
  for (let n = first; n <= last; n++) text += `${n},event ${n}\n`;
  return text;
}

const loadArgs = (target: TestTarget, file: string, ...more: readonly string[]) => [
  'load',
  file,
  '--table',
  `${target.schema}.${target.table}`,
  '--no-header',
  '--batch-size',
  '5000',
  ...more,
];

/** Each of the records 1 … `last` is there once. */
async function expectEachOnce(target: TestTarget, last: number): Promise<void> {
  const [row] = await target.database.query(
    `select count(*)::int, count(distinct n)::int as different, min(n), max(n) from ${target.sql}`,
  );
  expect(row).toEqual({ count: last, different: last, min: 1, max: last });
}

async function statusesOf(target: TestTarget): Promise<string[]> {
  const rows = await target.database.query<{ status: string }>(
    'select status from relyt_sys.relyt_loader_checkpoint where pg_table = $1 order by start_time',
    [`${target.schema}.${target.table}`],
  );
  return rows.map((row) => row.status);
}

/** With patience for a process that has to start first. */
async function untilImportWaits(target: TestTarget): Promise<void> {
  await vi.waitFor(async () => expect(await target.waitingImports()).not.toEqual([]), {
    timeout: 60_000,
  });
}

/** Starts the load, and ends it by a signal in the middle of its file. */
async function interrupted(
  target: TestTarget,
  file: string,
  { signal = 'SIGTERM', args = [] }: { signal?: NodeJS.Signals; args?: readonly string[] } = {},
): Promise<void> {
  // Imports wait, so the reading does before the end of the file.
  const lock = await target.lock();
  onTestFinished(() => lock.release());
  const running = await startRelyt(loadArgs(target, file, ...args), { env: environmentOf(target) });
  await untilImportWaits(target);
  running.signal(signal);
  if (signal !== 'SIGKILL') {
    await vi.waitFor(() => expect(running.stderr).toContain('importing what was read'), {
      timeout: 60_000,
    });
  }
  await lock.release();
  const { code, stderr } = await running.ended;
  expect(code, stderr).toBe(signal === 'SIGKILL' ? null : 1);
}

describe('the same command again', () => {
  const makeTarget = targetsOn(defaultServer());

  test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
    'after %s goes on: no row is doubled, none is missing',
    async (signal) => {
      const target = await makeTarget(COLUMNS);
      const file = inputFile('events.csv', lines(1, RECORDS));
      await interrupted(target, file, { signal });
      expect(await target.count()).toBeLessThan(RECORDS);
      const again = await relytOn(target, ...loadArgs(target, file));
      expect(again, again.stderr).toMatchObject({ code: 0 });
      expect(again.stderr).toMatch(
        /Continuing the task [0-9a-f-]{36} after its record \d+; --anew/,
      );
      await expectEachOnce(target, RECORDS);
      expect(await statusesOf(target)).toEqual(['COMPLETED']);
    },
  );

  test('with --anew starts over', async () => {
    const target = await makeTarget(COLUMNS);
    const file = inputFile('events.csv', lines(1, RECORDS));
    await interrupted(target, file);
    const before = await target.count();
    expect(await relytOn(target, ...loadArgs(target, file, '--anew'))).toMatchObject({ code: 0 });
    expect(await target.count()).toBe(before + RECORDS);
    expect(await statusesOf(target)).toEqual(['FAILED', 'COMPLETED']);
  });

  test('after its end loads once more', async () => {
    const target = await makeTarget(COLUMNS);
    const file = inputFile('events.csv', lines(1, 10));
    for (const rows of [10, 20]) {
      expect(await relytOn(target, ...loadArgs(target, file))).toMatchObject({ code: 0 });
      expect(await target.count()).toBe(rows);
    }
  });

  test('into another table, or of another file, is another load', async () => {
    const target = await makeTarget(COLUMNS);
    const other = await makeTarget(COLUMNS);
    const file = inputFile('events.csv', lines(1, RECORDS));
    await interrupted(target, file);
    expect(await relytOn(other, ...loadArgs(other, file))).toMatchObject({ code: 0 });
    await expectEachOnce(other, RECORDS);
    const before = await target.count();
    const copy = inputFile('events.csv', lines(1, 10));
    expect(await relytOn(target, ...loadArgs(target, copy))).toMatchObject({ code: 0 });
    expect(await target.count()).toBe(before + 10);
  });

  test('of a file that was written to since says that the earlier load is not finished', async () => {
    const target = await makeTarget(COLUMNS);
    const file = inputFile('events.csv', lines(1, RECORDS));
    await interrupted(target, file);
    appendFileSync(file, lines(RECORDS + 1, RECORDS + 1));
    const again = await relytOn(target, ...loadArgs(target, file));
    expect(again.code).toBe(0);
    const [, command] =
      /instead: relyt (resume [0-9a-f-]{36} --allow-change source)\./.exec(again.stderr) ?? [];
    expect(command, again.stderr).toBeDefined();
    const resumed = await relytOn(target, ...(command ?? '').split(' '));
    expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
  });

  test('read in another way is refused, and what the hint says works', async () => {
    const target = await makeTarget(COLUMNS);
    const file = inputFile('events.csv', lines(1, RECORDS));
    await interrupted(target, file);
    const refused = await relytOn(target, ...loadArgs(target, file, '--null', '-'));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/other format options.*code: RESUME_REFUSED/s);
    const [, command = ''] = /relyt (resume [0-9a-f-]{36})/.exec(refused.stderr) ?? [];
    expect(await relytOn(target, ...command.split(' '))).toMatchObject({ code: 0 });
    await expectEachOnce(target, RECORDS);
  });

  test('while the first one runs is refused, or waits for it', async () => {
    const target = await makeTarget(COLUMNS);
    const file = inputFile('events.csv', lines(1, RECORDS));
    const lock = await target.lock();
    onTestFinished(() => lock.release());
    const running = await startRelyt(loadArgs(target, file), { env: environmentOf(target) });
    await untilImportWaits(target);
    const refused = await relytOn(target, ...loadArgs(target, file));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/still being written by .*--anew.*code: RESUME_REFUSED/s);
    const waiting = relytOn(target, ...loadArgs(target, file, '--wait', '60'));
    running.signal('SIGTERM');
    await vi.waitFor(() => expect(running.stderr).toContain('importing what was read'), {
      timeout: 60_000,
    });
    await lock.release();
    expect((await running.ended).code).toBe(1);
    expect(await waiting).toMatchObject({ code: 0 });
    await expectEachOnce(target, RECORDS);
  });

  test('after a first record that no table could take begins anew, corrected', async () => {
    const target = await makeTarget(COLUMNS);
    const file = inputFile('events.csv', 'n;what\n1;a\n2;b\n');
    const args = ['load', file, '--table', `${target.schema}.${target.table}`];
    expect((await relytOn(target, ...args)).code).toBe(1);
    expect(await relytOn(target, ...args, '--delimiter', ';')).toMatchObject({ code: 0 });
    expect(await target.count()).toBe(2);
  });
});

describe('a load with a key', () => {
  const makeTarget = targetsOn(defaultServer());

  test('is begun, continued, and skipped once it is complete', async () => {
    const target = await makeTarget(COLUMNS);
    const file = inputFile('events.csv', lines(1, RECORDS));
    const args = ['--key', 'day 1'];
    await interrupted(target, file, { args });
    const again = await relytOn(target, ...loadArgs(target, file, ...args));
    expect(again, again.stderr).toMatchObject({ code: 0 });
    await expectEachOnce(target, RECORDS);

    const third = await relytOn(target, ...loadArgs(target, file, ...args));
    expect(third).toMatchObject({ code: 0, stderr: '' });
    expect(third.stdout).toMatch(/^Nothing to load: .* with the key "day 1" is complete \(task /);
    const json = said(await relytOn(target, ...loadArgs(target, file, ...args, '--json')));
    expect(json).toMatchObject({ ok: true, skipped: true, key: 'day 1' });
    await expectEachOnce(target, RECORDS);
    expect(await statusesOf(target)).toEqual(['COMPLETED']);

    const tasks = await relytOn(target, 'tasks', '--table', `${target.schema}.${target.table}`);
    expect(tasks.stdout).toContain('day 1');
    const shown = await relytOn(target, 'show', String(json.processId));
    expect(shown.stdout).toMatch(/^key +day 1$/m);
  });

  test('from standard input goes on with the same input', async () => {
    const target = await makeTarget(COLUMNS);
    const args = loadArgs(target, '-', '--format', 'csv', '--key', 'piped');
    const env = environmentOf(target);
    const running = await startRelyt(args, { env });
    running.child.stdin?.write(lines(1, 1000));
    await vi.waitFor(async () => expect(await target.count()).toBeGreaterThan(0), {
      timeout: 60_000,
    });
    running.signal('SIGTERM');
    expect((await running.ended).code).toBe(1);
    const again = await relyt(args, { env, input: lines(1, 1500) });
    expect(again, again.stderr).toMatchObject({ code: 0 });
    await expectEachOnce(target, 1500);
  });

  test('refuses another input, and what the hint says works', async () => {
    const target = await makeTarget(COLUMNS);
    const file = inputFile('events.csv', lines(1, RECORDS));
    await interrupted(target, file, { args: ['--key', 'k'] });
    appendFileSync(file, lines(RECORDS + 1, RECORDS + 1));
    const refused = await relytOn(target, ...loadArgs(target, file, '--key', 'k'));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('--allow-change source');
    const allowed = loadArgs(target, file, '--key', 'k', '--allow-change', 'source');
    expect(await relytOn(target, ...allowed)).toMatchObject({ code: 0 });
    await expectEachOnce(target, RECORDS + 1);
  });

  test.each([['--anew'], ['--resume', 'x']])('does not go with %s', async (...more) => {
    const target = await makeTarget(COLUMNS);
    const file = inputFile('events.csv', lines(1, 1));
    const result = await relytOn(target, ...loadArgs(target, file, '--key', 'k', ...more));
    expect(result.code).toBe(2);
  });
});
