// G1, G8: a target that is made again while `relyt load` runs. The command fails, and what its hint says repairs the load.

import { describe, expect, test, vi } from 'vitest';
import { type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { inputFile, type RunningRelyt, startRelyt } from './relyt.ts';
import { environmentOf, relytOn } from './relyt-on.ts';

const RECORDS = 1000;
const COLUMNS = 'id int, v text';

const input = () =>
  `id,v\n${Array.from({ length: RECORDS }, (_, n) => `${n + 1},v${n + 1}\n`).join('')}`;

/** Starts a load, and acts once all rows are in the table and only the end of the task is still to be stored. */
async function beforeItsEnd(
  target: TestTarget,
  start: () => Promise<RunningRelyt>,
  act: () => Promise<void>,
): Promise<RunningRelyt> {
  const client = await target.database.pool.connect();
  try {
    await client.query('begin');
    // Imports without rejected records do not look at it, and the end of a task counts it first of all.
    await client.query('lock table relyt_sys.relyt_loader_reject in access exclusive mode');
    const running = await start();
    await vi.waitFor(
      async () => {
        expect(await target.count()).toBe(RECORDS);
        expect(await target.waitingImports()).not.toEqual([]);
      },
      { timeout: 60_000, interval: 50 },
    );
    await act();
    return running;
  } finally {
    await client.query('rollback');
    client.release();
  }
}

describe.each(['postgres', 'copy'])('relyt load, engine %s', (engine) => {
  const makeTarget = targetsOn(defaultServer());

  test('of a target that is made again fails, and its hint repairs the load', async () => {
    const target = await makeTarget(COLUMNS);
    // It installs the schema.
    await target.load([]);
    const file = inputFile('events.csv', input());
    const args = ['load', file, '--table', target.table, '--engine', engine, '--batch-size', '10'];
    const start = () => startRelyt(args, { env: environmentOf(target) });
    const running = await beforeItsEnd(target, start, async () => {
      await target.database.query(`drop table ${target.sql}`);
      await target.database.query(`create table ${target.sql} (${COLUMNS})`);
    });
    const { code, stderr } = await running.ended;
    expect(code, stderr).toBe(1);
    expect(stderr).toContain('code: DATABASE_WENT_BACK');
    const [, command = ''] = /Then: relyt (resume [0-9a-f-]{36})\./.exec(stderr) ?? [];

    const repaired = await relytOn(target, ...command.split(' '));

    expect(repaired.code, repaired.stderr).toBe(0);
    const ids = await target.rows<{ id: number }>('id', 'id');
    expect(ids.map(({ id }) => id)).toEqual(Array.from({ length: RECORDS }, (_, n) => n + 1));
  });
});
