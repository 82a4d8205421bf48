// G3: the command takes the key of an upsert and the columns it sets, and a resume goes on with the same ones.

import { expect, test } from 'vitest';
import { targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { inputFile } from './relyt.ts';
import { relytOn } from './relyt-on.ts';

const makeTarget = targetsOn(defaultServer());
const COLUMNS = 'id int primary key, tenant int, email text, seen int, unique (tenant, email)';
const BY_EMAIL = ['--conflict-columns', 'tenant,email', '--update-columns', 'seen'];

test('relyt load --conflict-columns --update-columns', async () => {
  const target = await makeTarget(COLUMNS);
  const table = ['--table', `${target.schema}.${target.table}`];
  const first = inputFile('first.csv', 'id,tenant,email,seen\n1,1,a@x,1\n2,2,a@x,1\n');
  const second = inputFile('second.csv', 'id,tenant,email,seen\n3,1,a@x,2\n4,1,b@x,2\n');
  expect(await relytOn(target, 'load', first, ...table, ...BY_EMAIL)).toMatchObject({ code: 0 });
  const tried = await relytOn(target, 'load', second, ...table, ...BY_EMAIL, '--dry-run');
  expect(tried.stdout).toContain('on (tenant, email) the last record wins');
  expect(await relytOn(target, 'load', second, ...table, ...BY_EMAIL)).toMatchObject({ code: 0 });
  expect(await target.rows()).toEqual([
    { id: 1, tenant: 1, email: 'a@x', seen: 2 },
    { id: 2, tenant: 2, email: 'a@x', seen: 1 },
    { id: 4, tenant: 1, email: 'b@x', seen: 2 },
  ]);
});

test('relyt load says which keys there are, and creates no task (G8)', async () => {
  const target = await makeTarget(COLUMNS);
  const file = inputFile('people.csv', 'id,tenant,email,seen\n1,1,a@x,1\n');
  const args = ['--table', `${target.schema}.${target.table}`, '--conflict-columns', 'email'];
  const refused = await relytOn(target, 'load', file, ...args);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('code: CONFLICT_COLUMNS_UNSUITABLE');
  expect(refused.stderr).toContain('The table has: (id), (tenant, email).');
});

test('relyt resume goes on with the key of the task', async () => {
  const target = await makeTarget(COLUMNS);
  const options = { conflictColumns: ['tenant', 'email'], updateColumns: ['seen'] };
  await target.load([{ id: 1, tenant: 1, email: 'a@x', seen: 1 }]);
  await using processor = await target.open(options);
  await processor.insert([{ id: 2, tenant: 1, email: 'a@x', seen: 2 }]);
  await processor.suspend('for this test');
  const resumed = await relytOn(target, 'resume', processor.processId, '--finish');
  expect(resumed).toMatchObject({ code: 0, stderr: '' });
  expect(await target.rows('id, seen')).toEqual([{ id: 1, seen: 2 }]);
});
