// G1 of `relyt resume`: a load that was killed goes on by its id alone, also into a table without a key.

import { appendFileSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { listTasks, showTask } from '../../../src/administration.ts';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { generate, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { failedTask, loseSight, record } from '../operations/interrupted-tasks.ts';
import { inputFile, relyt, startRelyt } from './relyt.ts';
import { accessTo, environmentOf, relytOn, said } from './relyt-on.ts';

const makeTarget = targetsOn(defaultServer());
const RECORDS = 40_000;
/** Malformed, and refused by the table: one early, one late. */
const BAD = new Set([500, 39_000]);

const csvLine = (n: number) => (BAD.has(n) ? `${n},"x",too many\r\n` : `${n},"value\n${n} é"\r\n`);
const CSV = `id,v\r\n${[...generate(RECORDS, csvLine)].join('')}`;
const ndjsonLine = (n: number) => `{"v":"v${n}","id":${BAD.has(n) ? '"no"' : n}}\n`;
const NDJSON = [...generate(RECORDS, ndjsonLine)].join('');

/** Imports from this record on wait, so that the process is killed in the middle of the file however fast it loads. */
const HELD_FROM = 15_000;

/** Starts to load a file, and kills the process when some of its files are imported and some are staged. */
async function killedLoad(target: TestTarget, file: string): Promise<string> {
  const args = ['load', file, '--table', target.table, '--batch-size', '500', '--max-errors', '5'];
  await target.database.query(`create function wait_for_test() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock_shared(4711); return new; end $$`);
  await target.database.query(
    `create trigger hold before insert on ${target.sql} for each row when (new.id >= ${HELD_FROM})
     execute function wait_for_test()`,
  );
  const client = await target.database.pool.connect();
  try {
    await client.query('select pg_advisory_lock(4711)');
    const running = await startRelyt(args, { env: environmentOf(target) });
    const processId = await vi.waitFor(
      async () => {
        const [task] = await listTasks(accessTo(target), { table: `public.${target.table}` });
        const id = task?.processId ?? '';
        // The rows themselves: the summary of a task may be a second late.
        const states = (await target.files(id)).map(({ status }) => status);
        expect(states.filter((state) => state === 'IMPORTED').length).toBeGreaterThan(15);
        expect(states).toContain('FROZEN');
        return id;
      },
      { timeout: 60_000, interval: 20 },
    );
    running.signal('SIGKILL');
    await running.ended;
    await loseSight(target, processId);
    return processId;
  } finally {
    await client.query('select pg_advisory_unlock_all()');
    client.release();
    await target.database.query(`drop trigger hold on ${target.sql}`);
    await target.database.query('drop function wait_for_test()');
  }
}

async function expectEachOnce(target: TestTarget): Promise<void> {
  expect(
    await target.rows('count(*)::int as n, count(distinct id)::int as ids, sum(id)::int8 as s'),
  ).toEqual([
    {
      n: RECORDS - BAD.size,
      ids: RECORDS - BAD.size,
      s: String((RECORDS * (RECORDS - 1)) / 2 - [...BAD].reduce((a, b) => a + b, 0)),
    },
  ]);
}

describe('resume of a file that was being loaded', () => {
  test.each([
    ['CSV', 'people.csv', CSV],
    ['CSV in gzip', 'people.csv.gz', gzipSync(CSV)],
    ['NDJSON', 'people.ndjson', NDJSON],
    ['NDJSON in gzip', 'people.ndjson.gz', gzipSync(NDJSON)],
  ])('G1: %s, killed in the middle, without a key', async (_, name, content) => {
    const target = await makeTarget('id int, v text');
    const processId = await killedLoad(target, inputFile(name, content));
    const before = await showTask(accessTo(target), processId);
    // Some of what comes after the position is safe: a resume reads it again, and passes over it.
    expect(before.task?.replayAfter).toBeLessThan(before.task?.lastOrdinal ?? 0);
    const shown = await relytOn(target, 'show', processId);
    expect(shown.stdout).toMatch(
      /safe up to +record [\d,]+; the source is replayed from position \{.*\} \(after record [\d,]+\)/,
    );
    expect(before).toMatchObject({
      next: 'resume',
      task: {
        // The middle of the file: it is entered there, not read again from its beginning.
        position: { byteOffset: expect.toSatisfy((offset: number) => offset > 0) },
        settings: { source: { kind: 'file', path: expect.stringMatching(/^\/.*people/) } },
      },
    });

    const result = await relytOn(target, 'resume', processId, '--json');

    expect(result).toMatchObject({ code: 3, stderr: '' });
    expect(said(result)).toMatchObject({ processId, records: RECORDS, rejected: 2 });
    await expectEachOnce(target);
    expect(await target.checkpoint(processId)).toMatchObject({
      status: 'COMPLETED',
      error_records: 2,
    });
    const rejected = await relytOn(target, 'errors', processId, '--details');
    const ordinals = rejected.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).ordinal);
    expect(ordinals).toEqual([...BAD].map((n) => n + 1));
  });

  test('G8: a file that changed or is gone is refused, unless the change is allowed', async () => {
    const target = await makeTarget('id int primary key, v text');
    const content = `id,v\n${[...generate(100, (n) => `${n},${n === 99 ? 'poison' : n}\n`)].join('')}`;
    const file = inputFile('grown.csv', content);
    await target.database.query(`alter table ${target.sql} add check (v <> 'poison')`);
    const args = ['--table', target.table, '--batch-size', '10', '--json'];
    const failed = await relytOn(target, 'load', file, ...args);
    expect(failed.code).toBe(1);
    const processId = String((said(failed).details as { processId: string }).processId);
    await target.database.query(
      `alter table ${target.sql} drop constraint ${target.table}_v_check`,
    );
    appendFileSync(file, '100,late\n');

    const refused = await relytOn(target, 'resume', processId, '--json');
    expect(said(refused)).toMatchObject({
      code: 'RESUME_REFUSED',
      hint: expect.stringContaining('--allow-change source'),
    });
    expect(await target.checkpoint(processId)).toMatchObject({ status: 'FAILED' });
    const result = await relytOn(target, 'resume', processId, '--allow-change', 'source', '--json');

    expect(said(result)).toMatchObject({ ok: true, records: 101 });
    expect(await target.rows('id, v', 'id desc limit 2')).toEqual([
      { id: 100, v: 'late' },
      { id: 99, v: 'poison' },
    ]);
  });

  test('G8: also one of another time, and one that is gone', async () => {
    const target = await makeTarget('id int primary key, v text check (v <> $$bad$$)');
    const file = inputFile('touched.csv', 'id,v\n1,bad\n');
    const failed = await relytOn(target, 'load', file, '--table', target.table, '--json');
    const { processId } = said(failed).details as { processId: string };
    utimesSync(file, new Date(), new Date(0));
    expect(said(await relytOn(target, 'resume', processId, '--json'))).toMatchObject({
      code: 'RESUME_REFUSED',
      message: expect.stringContaining('has changed'),
    });
    rmSync(path.dirname(file), { recursive: true });
    expect(said(await relytOn(target, 'resume', processId, '--json'))).toMatchObject({
      code: 'RESUME_REFUSED',
      message: expect.stringContaining('no longer there'),
    });
  });
});

describe('resume of a task without a file', () => {
  test('imports what is staged and says where the application goes on', async () => {
    const target = await makeTarget('id int primary key, v text');
    const { processId } = await failedTask(target);
    await target.database.query(`alter table ${target.sql} drop constraint poison`);

    const result = await relytOn(target, 'resume', processId, '--json');

    expect(result.code).toBe(0);
    expect(said(result)).toEqual({
      ok: true,
      processId,
      table: `public.${target.table}`,
      status: 'FAILED',
      imported: 10,
      rejected: 0,
      received: 30,
      position: 30,
    });
    expect(await target.count()).toBe(30);
    await using resumed = await BulkProcessor.resume(processId, target.config({ batchSize: 10 }));
    expect(resumed.position).toBe(30);
    await resumed.insert([record(30)]);
    await resumed.shutdown();
    expect(await target.count()).toBe(31);
  });

  test('--finish ends it', async () => {
    const target = await makeTarget('id int primary key, v text');
    const { processId } = await failedTask(target);
    await target.database.query(`alter table ${target.sql} drop constraint poison`);

    const result = await relytOn(target, 'resume', processId, '--finish');

    expect(result.stdout).toContain('Imported 10 staged records');
    expect(await target.checkpoint(processId)).toMatchObject({ status: 'COMPLETED' });
    const again = await relytOn(target, 'resume', processId, '--json');
    expect(said(again)).toMatchObject({ ok: false, code: 'RESUME_REFUSED' });
  });

  test('G8: standard input cannot be read again, and the hint says what can be done', async () => {
    const target = await makeTarget('id int primary key, v text check (v <> $$bad$$)');
    const failed = await relyt(['load', '-', '--table', target.table, '--json'], {
      env: environmentOf(target),
      input: 'id,v\n1,bad\n',
    });
    const { processId } = said(failed).details as { processId: string };

    expect(said(await relytOn(target, 'resume', processId, '--json'))).toMatchObject({
      code: 'RESUME_REFUSED',
      message: expect.stringContaining('standard input'),
      hint: expect.stringContaining('--finish'),
    });
  });
});
