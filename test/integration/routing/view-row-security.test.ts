// G7: the view over both tables shows a reader no row that a table hides from that reader. Before PostgreSQL 15 there is
// no such view.

import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { createRole, type TestRole } from '../../support/database.ts';
import { failureOf, targetsOn } from '../../support/loading.ts';
import { majorOf, newestServers } from '../../support/stack.ts';
import { examined } from '../cli/examination.ts';
import { environmentOf } from '../cli/relyt-on.ts';
import { as } from '../database/two-roles.ts';
import { DONE, hintedCommands, runHinted } from '../hints/hinted.ts';
import { setUpRouting } from '../migrate/routed-tables.ts';
import { RoutedTarget, type Side } from './routed-target.ts';

const TABLES: readonly Side[] = ['main', 'auxiliary'];
const RECORDS = [1, 2, 3, 4].map((id) => ({
  id,
  group_id: id <= 2 ? 7 : 8,
  v: id % 2 === 0 ? 'hidden' : 'shown',
}));

describe.each(newestServers())('the view over tables with row security, on $name', (server) => {
  const makeTarget = targetsOn(server);
  const asksReader = majorOf(server) >= 15;

  /** A routed table of an odd name, one group of two in the auxiliary table, and a role that may read both tables. */
  async function made(table: string) {
    const target = await makeTarget('id int primary key, group_id int, v text', { table });
    await target.load([]);
    const routed = new RoutedTarget(target);
    const setUp = (view: boolean) => setUpRouting(target.database, { table, view, roles: [] });
    await setUp(false);
    await routed.route(7);
    await target.load(RECORDS);
    expect(await routed.ids()).toEqual({ main: [3, 4], auxiliary: [1, 2] });
    const reader = await createRole(target.database, 'reader');
    await routed.query(`grant select on ${target.sql}, ${routed.auxiliary} to ${reader.name}`);
    const hide = async (which: Side) => {
      const name = routed.tableOf(which);
      await routed.query(`alter table ${name} enable row level security`);
      await routed.query(`create policy shown on ${name} using (v = 'shown')`);
    };
    const view = `public.${pg.escapeIdentifier(`${table}_relyt_all`)}`;
    const seenBy = async (role: Pick<TestRole, 'url'>) =>
      (await as(role, `select id from ${view} order by id`)).rows.map(({ id }) => id);
    return { target, routed, setUp, reader, hide, seenBy };
  }

  test.each([
    ['main', [1, 2, 3]],
    ['auxiliary', [1, 3, 4]],
  ] as const)('G7: of the %s table', async (which, shown) => {
    const { target, setUp, reader, hide, seenBy } = await made(`hides ${which}`);
    await hide(which);
    if (!asksReader) {
      expect(await failureOf(setUp(true))).toMatchObject({
        code: 'ROUTING_INVALID',
        message: expect.stringContaining('row security'),
      });
      await setUp(false);
      return;
    }
    await setUp(true);
    expect(await seenBy(reader)).toEqual(shown);
    expect(await seenBy(target.database)).toEqual([1, 2, 3, 4]);
    const { recommendations } = await examined(environmentOf(target), '--table', target.sql);
    expect(JSON.stringify(recommendations)).not.toContain('_relyt_all');
  });

  test('G7, G8: made before row security was enabled, doctor says what mends it', async () => {
    const { target, setUp, routed, reader, hide, seenBy } = await made('Made "before"');
    await setUp(true);
    const found = async () => {
      const { recommendations } = await examined(environmentOf(target), '--table', target.sql);
      return recommendations.find(({ text }) => text.includes('_relyt_all'));
    };
    expect(await found()).toBeUndefined();
    for (const which of TABLES) await hide(which);
    expect(await seenBy(reader)).toEqual([1, 2, 3, 4]);

    const advice = await found();

    expect(advice).toMatchObject({ about: 'security' });
    if (asksReader) {
      const [command = ''] = hintedCommands(advice?.text ?? '');
      expect(await runHinted(target, command)).toMatchObject(DONE);
      expect(await seenBy(reader)).toEqual([1, 3]);
    } else {
      const [, drop = ''] = /`(DROP VIEW [^`]+)`/.exec(advice?.text ?? '') ?? [];
      await routed.query(drop);
    }
    expect(await found()).toBeUndefined();
  });

  test('after row security was disabled it reads with the rights of its owner again', async (context) => {
    if (!asksReader) context.skip();
    const { target, setUp, routed, reader, hide, seenBy } = await made('disabled');
    await hide('main');
    await setUp(true);
    await routed.query(`alter table ${target.sql} disable row level security`);
    await setUp(true);
    await routed.query(`revoke select on ${target.sql}, ${routed.auxiliary} from ${reader.name}`);
    expect(await seenBy(reader)).toEqual([1, 2, 3, 4]);
  });
});
