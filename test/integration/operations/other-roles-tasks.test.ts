// G6, G7: no command of one loader role shows, changes, imports or deletes anything of another one's task; and an
// administrator's commands do not do for a role what it may not do itself.

import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { failureOf, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { type RelytResult, relyt } from '../cli/relyt.ts';
import { environmentOf, relytOn, said } from '../cli/relyt-on.ts';
import {
  as,
  loaderOf,
  resumeAs,
  rowsOf,
  type TwoRoles,
  tableOf,
  twoRoles,
} from '../database/two-roles.ts';
import { keysOf, loseSight } from './interrupted-tasks.ts';

describe('commands of another role', () => {
  const makeTarget = targetsOn(defaultServer());
  let roles: TwoRoles;
  let before: unknown;
  let staged: string[];

  beforeAll(async () => {
    roles = await twoRoles(makeTarget);
    await loseSight(roles.target, roles.ofAlice, 48);
    before = await rowsOf(roles.target, roles.ofAlice);
    staged = await keysOf(roles.target, roles.ofAlice);
    expect(staged).toHaveLength(3);
  });

  const asBob = (...args: readonly string[]): Promise<RelytResult> =>
    relyt(args, { env: { ...environmentOf(roles.target), DATABASE_URL: roles.bob.url } });

  async function expectUntouched(): Promise<void> {
    expect(await rowsOf(roles.target, roles.ofAlice)).toEqual(before);
    expect(await keysOf(roles.target, roles.ofAlice)).toEqual(staged);
  }

  test('tasks lists its own only', async () => {
    const result = await asBob('tasks', '--json');
    expect(result.stdout).toContain(roles.ofBob);
    expect(result.stdout).not.toContain(roles.ofAlice);
  });

  test.each([
    ['show', [], 'TASK_NOT_FOUND'],
    ['errors', [], 'TASK_NOT_FOUND'],
    ['abort', [], 'TASK_NOT_FOUND'],
    ['abort', ['--force'], 'TASK_NOT_FOUND'],
    ['resume', [], 'TASK_NOT_FOUND'],
  ])('%s %j of the task: %s', async (command, more, code) => {
    const result = await asBob(command, roles.ofAlice, ...more);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain(`code: ${code}`);
    expect(result.stderr).toContain('the role that started the task');
    expect(result.stderr).not.toContain('secret of alice');
    await expectUntouched();
  });

  test('resume by the library: it is refused', async () => {
    const failure = await failureOf(resumeAs(roles.target, roles.bob.url, roles.ofAlice));
    expect(failure.code).toBe('RESUME_REFUSED');
    expect(failure.message).toContain('belongs to a role whose rights this one does not have');
    await expectUntouched();
  });

  test.each([
    ['of alice', 'that alice gave it'],
    ['of bob', 'that bob says is of it'],
  ])('load --key %j, a key %s: a task of its own is begun', async (key) => {
    const { bob, ofAlice, target } = roles;
    const { schema, table } = target;
    const keys = `select process_id from ${tableOf('key')} where key = $1 order by 1`;
    const seen = async () => (await as(bob, keys, [key])).rows;
    if (key === 'of bob')
      await as(
        bob,
        `insert into ${tableOf('key')} (owner_role, pg_table, key, process_id, created_at)
         values (current_user, $1, $2, $3, now())`,
        [`${schema}.${table}`, key, ofAlice],
      );
    else expect(await seen()).toEqual([]);
    const load = () =>
      relyt(['load', '-', '--table', `${schema}.${table}`, '--key', key, '--json'], {
        env: { ...environmentOf(target), DATABASE_URL: bob.url },
        input: 'id,v\n800,by key\n',
      });

    const loaded = await load();

    expect(said(loaded)).toMatchObject({ ok: true, records: 1 });
    const { processId } = said(loaded);
    expect(processId).not.toBe(ofAlice);
    expect(await seen()).toEqual([{ process_id: processId }]);
    // It was ended as its own, and no other one is skipped or gone on with.
    expect(said(await load())).toMatchObject({ ok: true, skipped: true, processId });
    expect(loaded.stdout + loaded.stderr).not.toContain(ofAlice);
    await expectUntouched();
  });

  test('gc leaves what the task staged, whatever it is told', async () => {
    const result = await asBob('gc', '--unknown', '--older-than', '0', '--json');
    expect(said(result)).toMatchObject({ ok: true, lost: [], dead: [] });
    expect(result.stdout).not.toContain(roles.ofAlice);
    await expectUntouched();
  });

  test('doctor and load go on beside it', async () => {
    const { schema, table } = roles.target;
    const doctor = await asBob('doctor', '--table', `${schema}.${table}`, '--json');
    expect(said(doctor)).toMatchObject({ ok: true });
    expect(doctor.stdout).not.toContain(roles.ofAlice);
    const load = await relyt(['load', '-', '--table', `${schema}.${table}`], {
      env: { ...environmentOf(roles.target), DATABASE_URL: roles.bob.url },
      input: 'id,v\n900,loaded\n',
    });
    expect(load).toMatchObject({ code: 0 });
    await expectUntouched();
  });

  test('G1: afterwards its owner resumes it, and every record is there once', async () => {
    const { target, alice, ofAlice } = roles;
    await resumeAs(target, alice.url, ofAlice);
    const ids = await target.rows<{ id: number }>('id');
    expect(ids.filter(({ id }) => id < 100)).toHaveLength(30);
    expect((await target.checkpoint(ofAlice)).status).toBe('COMPLETED');
  });
});

describe('an administrator who goes on with the task of a role', () => {
  const makeTarget = targetsOn(defaultServer());

  /** A FAILED task of this role's own making, with a staged file that another task staged. */
  async function forge(target: TestTarget, role: { url: string }, key: string): Promise<string> {
    const id = randomUUID();
    const config = JSON.stringify(await settingsOf(target));
    await as(
      role,
      `insert into ${tableOf('task')} (process_id, pg_table, engine, epoch, owner, heartbeat_at, lease_seconds,
      settings, staged_columns, staged_types, last_ordinal, sdk_version, created_at)
      select $1, $2, 'postgres', 1, 'x', now(), 1, $3, '{id,v}', '{integer,text}', 10, '1', now()`,
      [id, `${target.schema}.${target.table}`, config],
    );
    await as(
      role,
      `insert into ${tableOf('checkpoint')} (process_id, pg_table, status, start_time) values ($1, $2, 'FAILED', now())`,
      [id, `${target.schema}.${target.table}`],
    );
    await as(
      role,
      `insert into ${tableOf('file')} (process_id, file_id, generation, lane, first_ordinal, last_ordinal, s3_bucket,
      s3_key, s3_url, status, num_records, stored_bytes, created_at, frozen_at)
      values ($1, 1, 1, 0, 1, 10, 'b', $2, 'u', 'FROZEN', 10, 1, now(), now())`,
      [id, key],
    );
    return id;
  }

  async function settingsOf({ database }: TestTarget): Promise<unknown> {
    const [row] = await database.query<{ settings: unknown }>(
      `select settings from ${tableOf('task')} where settings ->> 's3Location' is not null order by created_at desc limit 1`,
    );
    return row?.settings;
  }

  test('is refused what that role may not write itself', async () => {
    const { target, ofAlice } = await twoRoles(makeTarget);
    const mallory = await loaderOf(target);
    await target.database.query(`revoke insert on ${target.sql} from "${mallory.name}"`);
    const [key = ''] = await keysOf(target, ofAlice);
    const id = await forge(target, mallory, key);
    const failure = await failureOf(resumeAs(target, target.database.url, id));
    expect(failure.code).toBe('RESUME_REFUSED');
    expect(failure.message).toContain(
      `"${mallory.name}", which is not allowed to insert and update`,
    );
    expect(await target.count()).toBe(20 + 5);
  });

  test('neither imports nor deletes what another task has staged', async () => {
    const { target, bob, ofAlice } = await twoRoles(makeTarget);
    const staged = await keysOf(target, ofAlice);
    const [key = ''] = staged;
    const id = await forge(target, bob, key);
    const config = target.config({ batchSize: 10, batchImportSize: 1 });
    const resumed = await failureOf(BulkProcessor.resume(id, config));
    expect(resumed.code).toBe('BOOKKEEPING_INVALID');
    expect(resumed.message).toContain(key);
    const aborted = await relytOn(target, 'abort', id, '--force');
    expect(aborted.stderr).toContain('code: BOOKKEEPING_INVALID');
    expect(await keysOf(target, ofAlice)).toEqual(staged);
    expect(await target.count()).toBe(20 + 5);
  });
});
