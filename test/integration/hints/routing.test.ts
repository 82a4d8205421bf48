// G8: the commands of hints on routing work for tables of any name, and leave the table routed as it was wanted.

import pg from 'pg';
import { expect, test } from 'vitest';
import { type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { inputFile, relyt } from '../cli/relyt.ts';
import { RoutedTarget } from '../routing/routed-target.ts';
import { DONE, hintedCommands, hintOf, runHinted } from './hinted.ts';

const makeTarget = targetsOn(defaultServer());
const SCHEMA = `Odd.Schema of $HOME`;

async function made(table: string, columns: string): Promise<TestTarget> {
  const target = await makeTarget(columns, { schema: SCHEMA, table });
  const init = ['init', '--engine', 'copy'];
  expect(await relyt(init, { env: environment(target) })).toMatchObject(DONE);
  return target;
}

const environment = (target: TestTarget) => ({ DATABASE_URL: target.database.url });

const run = (target: TestTarget, ...args: readonly string[]) =>
  relyt([...args, '--json'], { env: environment(target) });

const migrate = (target: TestTarget, ...more: readonly string[]) =>
  run(target, 'migrate', '--tables', target.sql, '--threshold', '2', ...more);

const follow = (target: TestTarget, command: string) =>
  runHinted(target, command, { env: environment(target) });

/** Groups of the rows of the main and of the auxiliary table. */
async function groups(target: TestTarget, column = 'group_id') {
  const routed = new RoutedTarget(target);
  const of = (rows: readonly { g: number }[]) => rows.map(({ g }) => g);
  return {
    main: of(await routed.main(`${column} as g`, 'id')),
    auxiliary: of(await routed.moved(`${column} as g`, 'id')),
  };
}

test('init --routing: of a table that is to be migrated, and has no routing table', async () => {
  const target = await made(`it's "new"`, 'id int primary key, group_id int');
  await target.database.query(`insert into ${target.sql} values (1, 7), (2, 7), (3, 8)`);
  const [command = ''] = hintedCommands(hintOf(await migrate(target)));

  expect(await follow(target, command)).toMatchObject(DONE);

  expect(await migrate(target)).toMatchObject({ code: 0 });
  expect(await groups(target)).toEqual({ main: [8], auxiliary: [7, 7] });
});

test('init --routing: of a table whose auxiliary table is gone', async () => {
  const target = await made('a.b;c', 'id int primary key, group_id int');
  await run(target, 'init', '--engine', 'copy', '--routing', target.sql);
  await target.database.query(`drop table ${new RoutedTarget(target).auxiliary}`);
  const file = inputFile('groups.csv', 'id,group_id\n1,7\n');
  const load = () => run(target, 'load', file, '--table', target.sql, '--engine', 'direct');
  const [command = ''] = hintedCommands(hintOf(await load()));

  expect(await follow(target, command)).toMatchObject(DONE);

  expect(await load()).toMatchObject({ code: 0 });
  expect(await groups(target)).toEqual({ main: [7], auxiliary: [] });
});

test('init --group-column, and migrate --back on the way to another column', async () => {
  const target = await made('Two $(columns)', 'id int primary key, group_id int, "The Team" int');
  await target.database.query(
    `insert into ${target.sql} values (1, 7, 1), (2, 7, 2), (3, 8, 2), (4, 9, 3)`,
  );
  await run(target, 'init', '--engine', 'copy', '--routing', target.sql, '--view');
  expect(await migrate(target)).toMatchObject({ code: 0 });
  expect(await groups(target)).toEqual({ main: [8, 9], auxiliary: [7, 7] });
  const refused = await migrate(target, '--group-column', 'The Team');
  const [back = '', setUp = ''] = hintedCommands(hintOf(refused));

  expect(await follow(target, back)).toMatchObject({ code: 0 });
  const schema = pg.escapeIdentifier(SCHEMA);
  await target.database.query(
    `drop view ${schema}.${pg.escapeIdentifier(`${target.table}_relyt_all`)}`,
  );
  await target.database.query(`drop table ${new RoutedTarget(target).routing}`);
  expect(await follow(target, setUp)).toMatchObject(DONE);

  expect(await migrate(target, '--group-column', 'The Team')).toMatchObject({ code: 0 });
  expect(await groups(target, '"The Team"')).toEqual({ main: [1, 3], auxiliary: [2, 2] });
});

test('migrate: ends the moves that stand in the way of another column', async () => {
  const target = await made('Half "way"', 'id int primary key, group_id int, team int');
  const { database, table, sql } = target;
  await database.query(`insert into ${sql} values (1, 7, 1), (2, 7, 2), (3, 8, 2)`);
  await run(target, 'init', '--engine', 'copy', '--routing', target.sql);
  const main = `${SCHEMA}.${table}`;
  // As tools of the Go SDK would have set it up, and a migration that died in the middle of a group.
  await database.query('delete from relyt_sys.relyt_loader_routing where main_table = $1', [main]);
  await database.query(
    `insert into relyt_sys.relyt_loader_move values ($1, '7', 'to-auxiliary', 'COPY', 'dead', 1,
       now() - interval '1 hour', 30, 2, 0, 0, null, now(), now())`,
    [main],
  );
  const init = ['init', '--engine', 'copy', '--routing', target.sql, '--group-column', 'team'];
  const [command = ''] = hintedCommands(hintOf(await run(target, ...init)));

  expect(await follow(target, command)).toMatchObject({ code: 0 });

  expect(await groups(target)).toEqual({ main: [8], auxiliary: [7, 7] });
  expect(await run(target, ...init)).toMatchObject({ code: 0 });
});
