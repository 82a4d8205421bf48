// G7: an escape sequence in a record, a name, an error text or a bookkeeping row reaches no terminal and no export.

import { describe, expect, test } from 'vitest';
import { actsOnTerminal } from '../../../src/core/control-characters.ts';
import { deleteKeys, uniquePrefix } from '../../support/bucket.ts';
import { createTestDatabase } from '../../support/database.ts';
import { TestTarget } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { inputFile, type RelytResult } from './relyt.ts';
import { relytOn } from './relyt-on.ts';

const PLANTED = '\u001b[2J\u009b31m\u0007\u202eevil\u2066\u007f\r';
const TABLE = `t${PLANTED}`;
const COLUMN = `c${PLANTED}`;

async function plantedTarget(): Promise<TestTarget & AsyncDisposable> {
  const database = await createTestDatabase(defaultServer());
  const target = new TestTarget(database, {
    schema: 'public',
    table: TABLE,
    prefix: uniquePrefix(),
  });
  await database.query(
    `create table ${target.sql} (id int primary key, "${COLUMN}" text, doc jsonb,
       constraint "k${PLANTED}" check (id < 100))`,
  );
  return Object.assign(target, {
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await deleteKeys(target.prefix);
    },
  });
}

/** Two rejected, by the loader and by the database; then whoever may write the bookkeeping adds to it. */
async function plantedTask(target: TestTarget): Promise<string> {
  const key = `k${PLANTED}`;
  const good = Array.from({ length: 5 }, (_, n) => ({ id: n, [COLUMN]: PLANTED, doc: [PLANTED] }));
  const bad = [
    { id: PLANTED, [COLUMN]: PLANTED, doc: [PLANTED] },
    { id: 100, [COLUMN]: PLANTED, doc: { [PLANTED]: 1 } },
  ];
  const processId = await target.load([...good, ...bad], { maxErrorRecords: 5 });
  const { database } = target;
  await database.query(
    `update relyt_sys.relyt_loader_checkpoint set status = 'FAILED', error_message = $2 where process_id = $1`,
    [processId, `first\n${PLANTED}`],
  );
  await database.query(
    `update relyt_sys.relyt_loader_file set status = 'ERROR', error = $2 where process_id = $1`,
    [processId, PLANTED],
  );
  await database.query(
    `update relyt_sys.relyt_loader_task set settings = jsonb_build_object('note', $2::text) where process_id = $1`,
    [processId, key],
  );
  return processId;
}

function expectHarmless({ stdout, stderr }: RelytResult): void {
  // The COPY data of a dry run's script has tabs of its own.
  const lines = `${stdout}${stderr}`.replace(/\n|^\d\t\S+\t\S+\thttp/gm, ' ');
  expect(actsOnTerminal(lines)).toBe(false);
  expect(lines).not.toContain('\t');
}

describe('planted escape sequences', () => {
  test('reach no terminal by any command that shows a task', async () => {
    await using target = await plantedTarget();
    const processId = await plantedTask(target);
    const commands = [
      ['tasks'],
      ['tasks', '--json'],
      ['show', processId],
      ['show', processId, '--json'],
      ['errors', processId],
      ['errors', processId, '--details'],
      ['errors', processId, '--format', 'ndjson'],
      ['errors', processId, '--format', 'csv'],
      ['gc', '--dry-run'],
      ['abort', processId],
      ['tasks', '--status', 'CANCELLED'],
    ];
    for (const command of commands) {
      const result = await relytOn(target, ...command);
      expect(result.code, `${command.join(' ')}: ${result.stderr}`).toBe(0);
      expectHarmless(result);
      if (command[0] !== 'gc') expect(result.stdout).toMatch(/\\u001b\[2J\\u009b31m|No tasks/);
    }
  });

  test('reach no terminal by errors, the dry run, doctor or migrate', async () => {
    await using target = await plantedTarget();
    const table = `public.${TABLE}`;
    const header = `id,"${COLUMN}",doc\n`;
    const good = inputFile('good.csv', `${header}1,"${PLANTED}",\n`);
    const bad = inputFile('bad.csv', `${header}"${PLANTED}",x,\n1,2,3,"${PLANTED}"\n`);
    const unknown = inputFile('unknown.ndjson', `${JSON.stringify({ id: 1, [PLANTED]: 2 })}\n`);
    const broken = inputFile('broken.ndjson', `{"id": ${PLANTED}}\n`);
    for (const flags of [[], ['--json']]) {
      const results = [
        await relytOn(target, 'load', good, '--table', table, '--dry-run', ...flags),
        await relytOn(target, 'load', bad, '--table', table, ...flags),
        await relytOn(target, 'load', bad, '--table', table, '--max-errors', '9', ...flags),
        await relytOn(target, 'load', unknown, '--table', table, ...flags),
        await relytOn(target, 'load', good, '--table', `public.${PLANTED}`, ...flags),
        await relytOn(target, 'load', PLANTED, '--table', table, ...flags),
        await relytOn(target, 'show', PLANTED, ...flags),
        await relytOn(target, 'doctor', '--table', table, ...flags),
        await relytOn(target, 'migrate', '--tables', table, '--threshold', '1', ...flags),
        await relytOn(target, `--${PLANTED}`, ...flags),
      ];
      const unread = await relytOn(target, 'load', broken, '--table', table, ...flags);
      for (const result of [...results, unread]) expectHarmless(result);
      expect(results.map(({ stdout, stderr }) => (stdout + stderr).includes('\\u001b[2J'))).toEqual(
        results.map(() => true),
      );
    }
  });
});

describe('an export of records with control characters', () => {
  test('as NDJSON loads them as they were, as CSV gives them back and loads none of them', async () => {
    await using target = await plantedTarget();
    const text = `line\r\n\t${PLANTED}`;
    const records = [
      { id: 101, [COLUMN]: text, doc: { v: PLANTED } },
      { id: 102, [COLUMN]: 'two\nlines', doc: { v: PLANTED } },
    ];
    const processId = await target.load(
      [...Array.from({ length: 3 }, (_, id) => ({ id, [COLUMN]: '', doc: null })), ...records],
      { maxErrorRecords: 5 },
    );
    const csv = await relytOn(target, 'errors', processId, '--format', 'csv');
    expect(actsOnTerminal(csv.stdout)).toBe(false);
    expect(csv.stderr).toContain('1 record with control characters');
    const [, kept = ''] = /^"(\{.*101.*\})"$/m.exec(csv.stdout) ?? [];
    expect(JSON.parse(kept.replaceAll('""', '"'))).toEqual({ ...records[0], id: '101' });
    const header = csv.stdout.slice(0, csv.stdout.indexOf('\n'));
    expect(header).toBe('id,"c\\u001b[2J\\u009b31m\\u0007\\u202eevil\\u2066\\u007f\\r",doc');

    const ndjson = await relytOn(target, 'errors', processId, '--format', 'ndjson');
    expectHarmless(ndjson);
    expect(ndjson.stderr).toBe('');
    const corrected = ndjson.stdout.replace('101', '11').replace('102', '12');
    const file = inputFile('again.ndjson', corrected);
    const loaded = await relytOn(target, 'load', file, '--table', `public.${TABLE}`);
    expect(loaded).toMatchObject({ code: 0 });
    expect((await target.rows('*', 'id')).slice(3)).toEqual([
      { ...records[0], id: 11 },
      { ...records[1], id: 12 },
    ]);
  });
});
