/** Databases with and without what `relyt init` makes, and uninstalls of it. */

import { expect, onTestFinished } from 'vitest';
import { deleteKeys, uniquePrefix } from '../../support/bucket.ts';
import { createTestDatabase } from '../../support/database.ts';
import { generate, TestTarget } from '../../support/loading.ts';
import { DONE, hintOf } from '../hints/hinted.ts';
import { catalogueOf } from './installed-catalogue.ts';
import { inputFile } from './relyt.ts';
import { relytOn, said } from './relyt-on.ts';

/** A database of its own with a table, and what its catalogue says before `relyt init`. */
export async function bareTarget(columns = 'id int primary key, v text') {
  const database = await createTestDatabase();
  const prefix = uniquePrefix();
  onTestFinished(async () => {
    await database.drop();
    await deleteKeys(prefix);
  });
  await database.query(`create table people (${columns})`);
  const target = new TestTarget(database, { schema: 'public', table: 'people', prefix });
  return { target, database, before: await catalogueOf(database) };
}

export async function prepared(columns?: string) {
  const bare = await bareTarget(columns);
  expect(await relytOn(bare.target, 'init')).toMatchObject(DONE);
  return bare;
}

export const people = (count: number) =>
  inputFile('people.csv', `id,v\n${[...generate(count, (n) => `${n},v${n}\n`)].join('')}`);

/** Refused, and not a statement of it stays. */
export async function refused(target: TestTarget, ...more: readonly string[]) {
  const before = await catalogueOf(target.database);
  const result = await relytOn(target, 'uninstall', '--yes', '--json', ...more);
  expect(said(result)).toMatchObject({ ok: false });
  expect(await catalogueOf(target.database)).toEqual(before);
  const { code, message } = said(result);
  return { code: String(code), message: String(message), hint: hintOf(result) };
}

export async function removed(target: TestTarget, ...more: readonly string[]) {
  const result = await relytOn(target, 'uninstall', '--yes', '--json', ...more);
  expect(result, result.stdout).toMatchObject(DONE);
  return said(result);
}
