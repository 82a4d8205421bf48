// G8: where what a task has staged cannot be imported any more, the commands of the hint give it up and load its file
// again, once.

import { describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { deleteKeys } from '../../support/bucket.ts';
import { failAt } from '../../support/fail-at.ts';
import { failureOf, generate, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { inputFile, type RelytResult } from '../cli/relyt.ts';
import { accessTo, relytOn, said } from '../cli/relyt-on.ts';
import { keysOf } from '../operations/interrupted-tasks.ts';
import { DONE, hintedCommands, hintOf, runHinted } from './hinted.ts';

const makeTarget = targetsOn(defaultServer());
const RECORDS = 30;
const KEYED = 'id int primary key, v text';

interface FailedLoad {
  readonly target: TestTarget;
  /** The arguments of the load after `load`. */
  readonly args: string;
  readonly processId: string;
}

/** A load that ended at a record of its last batch; what refused it is gone by now. */
async function failedLoad(engine: string, columns = KEYED): Promise<FailedLoad> {
  const target = await makeTarget(columns);
  const { database, sql, table } = target;
  const lines = generate(RECORDS, (id) => `${id},value ${id}\n`);
  const file = inputFile('values.csv', `id,v\n${[...lines].join('')}`);
  await database.query(`alter table ${sql} add constraint no check (id < 25)`);
  const args = `${file} --table ${table} --engine ${engine} --batch-size 10`;
  const failed = await relytOn(target, 'load', ...args.split(' '), '--json');
  await database.query(`alter table ${sql} drop constraint no`);
  const { processId } = said(failed).details as { processId: string };
  return { target, args, processId };
}

const resume = ({ target, processId }: FailedLoad) =>
  relytOn(target, 'resume', processId, '--json');

/** Gives the task up and loads its file again, by the two commands of the hint. */
async function follow({ target, args, processId }: FailedLoad, refused: RelytResult) {
  const [abort = '', anew = '', ...more] = hintedCommands(hintOf(refused));
  expect([abort, anew, more]).toEqual([`relyt abort ${processId}`, 'relyt load … --anew', []]);
  expect(await runHinted(target, abort)).toMatchObject(DONE);
  expect(await runHinted(target, anew, { values: { '…': args } })).toMatchObject({ code: 0 });
  expect(await target.checkpoint(processId)).toMatchObject({ status: 'CANCELLED' });
  expect(await keysOf(target, processId)).toEqual([]);
  expect(await target.rows('count(*)::int as n, count(distinct id)::int as ids')).toEqual([
    { n: RECORDS, ids: RECORDS },
  ]);
}

describe('abort, and load --anew', () => {
  test('after staged files were deleted', async () => {
    const load = await failedLoad('postgres');
    const keys = await keysOf(load.target, load.processId);
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) await deleteKeys(key);
    const refused = await resume(load);
    expect(said(refused)).toMatchObject({ code: 'STAGED_FILE_LOST' });
    await follow(load, refused);
  });

  test('after the rows of a load without S3 went with their table', async () => {
    const load = await failedLoad('direct', 'id int, v text');
    const { database, sql } = load.target;
    expect(await load.target.count()).toBeGreaterThan(0);
    await database.query(`drop table ${sql}`);
    await database.query(`create table ${sql} (id int, v text)`);
    const refused = await resume(load);
    expect(said(refused)).toMatchObject({
      code: 'STAGED_FILE_LOST',
      message: expect.stringContaining("engine 'direct'"),
    });
    await follow(load, refused);
  });

  test('after onConflict was changed while files wait for their import', async () => {
    const load = await failedLoad('copy');
    const more = ['--resume', load.processId, '--on-conflict', 'nothing', '--json'];
    const allow = ['--allow-change', 'onConflict'];
    const refused = await relytOn(load.target, 'load', ...load.args.split(' '), ...more, ...allow);
    expect(said(refused)).toMatchObject({
      code: 'RESUME_REFUSED',
      message: expect.stringContaining('waits for its import'),
    });
    await follow(load, refused);
  });
});

test('show: says with which engine and settings a task goes on that has files in S3', async () => {
  const target = await makeTarget('id int');
  failAt('before-commit');
  await using processor = await target.open({ engine: 'copy' });
  await processor.insert([{ id: 1 }]);
  await failureOf(processor.shutdown());
  const { processId } = processor;
  const { s3: _, ...config } = target.config({ engine: 'direct' });
  const allowChanges = ['engine', 's3Location'] as const;
  const refused = await failureOf(BulkProcessor.resume(processId, config, { allowChanges }));
  const [command = ''] = hintedCommands(refused.hint);

  const shown = await runHinted(target, command);

  expect(shown).toMatchObject(DONE);
  expect(shown.stdout).toMatch(/\bcopy\b/);
  expect(shown.stdout).toContain(`${accessTo(target).s3?.bucket}`);
  expect(await relytOn(target, 'resume', processId, '--finish')).toMatchObject({ code: 0 });
  expect(await target.count()).toBe(1);
});
