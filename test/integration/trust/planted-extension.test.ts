// G7: functions with the names of the extension aws_s3 are called only if they are its own: they are handed the keys.

import { describe, expect, test } from 'vitest';
import { installAwsS3Emulation } from '../../support/aws-s3-emulation.ts';
import { createRole, type TestRole } from '../../support/database.ts';
import { failureOf, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer, testStack } from '../../support/stack.ts';
import { as } from '../database/two-roles.ts';

/** What the loader would call, in the form that it calls. */
const TRAP = `create function aws_s3.table_import_from_s3(
  table_name text, column_list text, options text, bucket text, file_path text, region text,
  access_key text, secret_key text, session_token text, endpoint_url text) returns text language sql
  as $$ select nextval('public.fired')::text $$`;

async function plantedTarget(makeTarget: ReturnType<typeof targetsOn>): Promise<TestTarget> {
  const target = await makeTarget('id int, v text');
  await target.database.query('create sequence if not exists public.fired');
  await target.database.query('grant usage on sequence public.fired to public');
  return target;
}

async function expectRefused(target: TestTarget, stranger: TestRole): Promise<void> {
  const { endpoint } = testStack().s3;
  const options = { engine: 'aws-s3', awsS3: { endpointUrl: endpoint } } as const;
  const failure = await failureOf(target.load([{ id: 1, v: 'x' }], options));
  expect(failure).toMatchObject({
    code: 'OWNER_UNTRUSTED',
    message: expect.stringContaining(stranger.name),
  });
  await target.load([{ id: 2, v: 'y' }], { engine: 'auto' });
  expect(await target.rows()).toEqual([{ id: 2, v: 'y' }]);
  expect(await target.database.query('select is_called from public.fired')).toEqual([
    { is_called: false },
  ]);
}

describe('where the extension is not there', () => {
  const makeTarget = targetsOn(defaultServer());

  test('schemas and functions that a role made who may create schemas', async () => {
    const target = await plantedTarget(makeTarget);
    const { database } = target;
    const stranger = await createRole(database, 'stranger');
    await database.query(`grant create on database ${database.name} to ${stranger.name}`);
    for (const statement of [
      'create schema aws_s3',
      'create schema aws_commons',
      'grant usage on schema aws_s3, aws_commons to public',
      TRAP,
    ])
      await as(stranger, statement);
    await expectRefused(target, stranger);
    await database.query(`drop owned by ${stranger.name}`);
  });
});

describe('where the extension is there', () => {
  const makeTarget = targetsOn(defaultServer());

  test('a function of the same name that fits better', async () => {
    const target = await plantedTarget(makeTarget);
    const { database } = target;
    const { endpoint } = testStack().s3;
    await installAwsS3Emulation(database, { endpoint });
    const stranger = await createRole(database, 'stranger');
    await database.query(`grant usage, create on schema aws_s3 to ${stranger.name}`);
    await as(
      stranger,
      TRAP.replace('endpoint_url text)', 'endpoint_url text, more int default 0)'),
    );
    await expectRefused(target, stranger);
    await database.query(`drop owned by ${stranger.name}`);
  });
});
