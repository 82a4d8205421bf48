// G8: the commands of hints on a task that cannot be gone on with as it was asked.

import { expect, test } from 'vitest';
import { failureOf, generate, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { inputFile, relyt } from '../cli/relyt.ts';
import { environmentOf, relytOn, said } from '../cli/relyt-on.ts';
import { loaderOf } from '../database/two-roles.ts';
import { failedTask, record } from '../operations/interrupted-tasks.ts';
import { DONE, hintedCommands, hintOf, runHinted } from './hinted.ts';

const makeTarget = targetsOn(defaultServer());
const COLUMNS = 'id int primary key, v text';
const CSV = 'id,v\n1,one\n2,two\n3,three\n';

const ids = async (target: TestTarget) =>
  (await target.rows<{ id: number }>('id')).map(({ id }) => id);

test('abort --force: takes the task from a process that is alive', async () => {
  const target = await makeTarget(COLUMNS);
  await using alive = await target.open();
  await alive.insert(generate(5, record));
  const { processId } = alive;
  const refused = await relytOn(target, 'abort', processId, '--json');
  const [command = ''] = hintedCommands(hintOf(refused));
  expect(await runHinted(target, command)).toMatchObject(DONE);
  expect(await failureOf(alive.shutdown())).toMatchObject({ code: 'LEASE_LOST' });
  expect(await target.checkpoint(processId)).toMatchObject({ status: 'CANCELLED' });
});

test('abort: of a task whose table is gone', async () => {
  const target = await makeTarget(COLUMNS);
  const { processId } = await failedTask(target);
  await target.database.query(`drop table ${target.sql}`);
  const refused = await relytOn(target, 'resume', processId, '--json');
  expect(said(refused)).toMatchObject({ code: 'TABLE_NOT_FOUND' });
  const [command = ''] = hintedCommands(hintOf(refused));
  expect(await runHinted(target, command)).toMatchObject(DONE);
  expect(await target.checkpoint(processId)).toMatchObject({ status: 'CANCELLED' });
});

/** A load of standard input that a constraint ended, which is gone by now; and the commands of its resume. */
async function failedStream() {
  const target = await makeTarget(COLUMNS);
  await target.database.query(`alter table ${target.sql} add constraint no check (id < 3)`);
  const args = ['load', '-', '--table', target.table, '--batch-size', '2', '--json'];
  const failed = await relyt(args, { env: environmentOf(target), input: CSV });
  const { processId } = said(failed).details as { processId: string };
  await target.database.query(`alter table ${target.sql} drop constraint no`);
  const refused = await relytOn(target, 'resume', processId, '--json');
  return { target, processId, commands: hintedCommands(hintOf(refused)) };
}

test('load --resume: with the same standard input', async () => {
  const { target, commands } = await failedStream();
  const values = { '…': `- --table ${target.table} --batch-size 2` };
  const again = await runHinted(target, commands[0] ?? '', { values, input: CSV });
  expect(again).toMatchObject({ code: 0 });
  expect(await ids(target)).toEqual([1, 2, 3]);
});

test('resume --finish: with what is staged of a standard input', async () => {
  const { target, processId, commands } = await failedStream();
  const finished = await runHinted(target, commands[1] ?? '');
  expect(finished).toMatchObject({ code: 0 });
  expect(await target.checkpoint(processId)).toMatchObject({ status: 'COMPLETED' });
  expect(await ids(target)).toEqual([1, 2, 3]);
});

/** A load of a file by another role, which a constraint ended; and the commands of an administrator's resume. */
async function failedOfAnother() {
  const target = await makeTarget(COLUMNS);
  const loader = await loaderOf(target);
  const file = inputFile('values.csv', CSV);
  await target.database.query(`alter table ${target.sql} add constraint no check (id < 3)`);
  const args = ['load', file, '--table', target.table, '--batch-size', '2', '--json'];
  const failed = await relyt(args, { env: { ...environmentOf(target), DATABASE_URL: loader.url } });
  const { processId } = said(failed).details as { processId: string };
  await target.database.query(`alter table ${target.sql} drop constraint no`);
  const hint = hintOf(await relytOn(target, 'resume', processId, '--json'));
  const commands = [...hint.matchAll(/relyt resume \S+ (?:FILE|--finish)/g)].map(([one]) => one);
  expect(commands).toHaveLength(2);
  return { target, processId, file, commands };
}

test('resume FILE: of the load of another role', async () => {
  const { target, processId, file, commands } = await failedOfAnother();
  expect(await runHinted(target, commands[0] ?? '', { values: { FILE: file } })).toMatchObject({
    code: 0,
  });
  expect(await target.checkpoint(processId)).toMatchObject({ status: 'COMPLETED' });
  expect(await ids(target)).toEqual([1, 2, 3]);
});

test('resume --finish: of the load of another role', async () => {
  const { target, processId, commands } = await failedOfAnother();
  expect(await runHinted(target, commands[1] ?? '')).toMatchObject({ code: 0 });
  expect(await target.checkpoint(processId)).toMatchObject({ status: 'COMPLETED' });
});

/** The commands that show names for what can be done with the task. */
async function nextOf(target: TestTarget, processId: string): Promise<readonly string[]> {
  const { stdout } = await relytOn(target, 'show', processId);
  const [line = ''] = stdout.split('\n').filter((text) => text.startsWith('next'));
  return [...line.matchAll(/relyt [a-z]+ \S+/g)].map(([command]) => command);
}

test('resume: as show says of a task that failed', async () => {
  const target = await makeTarget(COLUMNS);
  const { processId } = await failedTask(target);
  await target.database.query(`alter table ${target.sql} drop constraint poison`);
  const [resume = ''] = await nextOf(target, processId);
  expect(await runHinted(target, resume)).toMatchObject({ code: 0 });
  expect(await target.count()).toBe(30);
});

test('errors: as show says of a task that rejected records', async () => {
  const target = await makeTarget(COLUMNS);
  const records = [...generate(5, record), { id: 'none', v: 'rejected' }];
  const processId = await target.load(records, { maxErrorRecords: 1 });
  const [errors = ''] = await nextOf(target, processId);
  const shown = await runHinted(target, errors);
  expect(shown).toMatchObject(DONE);
  expect(shown.stdout).toContain('"none" is not an integer');
});
