// G8: the commands that an administrator is asked to run give a role what it lacks.

import pg from 'pg';
import { expect, test } from 'vitest';
import { shellWord } from '../../../src/shell-word.ts';
import { createRole, type TestRole } from '../../support/database.ts';
import { type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { examined, step } from '../cli/examination.ts';
import { inputFile, relyt } from '../cli/relyt.ts';
import { environmentOf } from '../cli/relyt-on.ts';
import { DONE, hintedCommands, hintOf, runHinted } from './hinted.ts';

const makeTarget = targetsOn(defaultServer());

/** Of an administrator who has no settings of S3. */
const administrator = (target: TestTarget) => ({ env: { DATABASE_URL: target.database.url } });

/** A role that may write the table; its name has to be quoted in SQL and in a shell. */
async function writer(target: TestTarget): Promise<TestRole> {
  const role = await createRole(target.database, `Odd "role" of $USER's`);
  const name = pg.escapeIdentifier(role.name);
  await target.database.query(`grant select, insert, update on ${target.sql} to ${name}`);
  return role;
}

test('init --allow-location: the role may read what it stages', async () => {
  const target = await makeTarget('id int primary key, v text');
  const role = await writer(target);
  const setUp = `relyt init --engine postgres --role ${shellWord(role.name)}`;
  expect(await runHinted(target, setUp, administrator(target))).toMatchObject(DONE);
  const file = inputFile('values.csv', 'id,v\n1,one\n2,two\n');
  const env = { ...environmentOf(target), DATABASE_URL: role.url };
  const args = ['load', file, '--table', target.table, '--engine', 'postgres', '--json'];
  const [command = ''] = hintedCommands(hintOf(await relyt(args, { env })));
  expect(command).toMatch(/^relyt init --allow-location http\S+ --role ROLE$/);

  const values = { ROLE: shellWord(role.name) };
  const allowed = await runHinted(target, command, { values, ...administrator(target) });

  expect(allowed).toMatchObject(DONE);
  expect(await relyt(args, { env })).toMatchObject({ code: 0 });
  expect(await target.rows('id, v')).toEqual([
    { id: 1, v: 'one' },
    { id: 2, v: 'two' },
  ]);
});

test('init --role: the doctor finds all rights', async () => {
  const target = await makeTarget('id int primary key, v text');
  const role = await writer(target);
  await target.load([]);
  const setUp = `relyt init --role ${shellWord(role.name)}`;
  expect(await runHinted(target, setUp, administrator(target))).toMatchObject(DONE);
  const name = pg.escapeIdentifier(role.name);
  await target.database.query(`revoke update on relyt_sys.relyt_loader_file from ${name}`);
  const examine = () => examined({ ...environmentOf(target), DATABASE_URL: role.url });
  const lacking = step(await examine(), 'rights');
  expect(lacking).toMatchObject({ status: 'failed', code: 'DATABASE_PERMISSION_DENIED' });
  const [command = ''] = hintedCommands(lacking?.todo ?? '');

  expect(await runHinted(target, command, administrator(target))).toMatchObject(DONE);

  expect(step(await examine(), 'rights')).toMatchObject({ status: 'ok' });
});
