// `relyt init --routing` and `relyt migrate`, as a shell runs them.

import { describe, expect, test, vi } from 'vitest';
import { defaultServer } from '../../support/stack.ts';
import { type RoutedFixture, routedTablesOn } from '../migrate/routed-tables.ts';
import { relyt, startRelyt } from './relyt.ts';

describe('the commands', () => {
  const makeTable = routedTablesOn(defaultServer());
  const env = (t: RoutedFixture) => ({ env: { DATABASE_URL: t.database.url } });

  test('init --routing --view, then migrate: what they say and what is there', async () => {
    const t = await makeTable();
    const table = `public.${t.name}`;
    const init = await relyt(['init', '--engine', 'copy', '--routing', table, '--view'], env(t));
    expect(init).toMatchObject({ code: 0, stderr: '' });
    expect(init.stdout).toContain(
      `routing   ${table} by group_id: ${table}_relyt_massive_group created, relyt_sys.${t.name}_relyt_routing created
view      ${table}_relyt_all over both\n`,
    );
    const again = await relyt(
      ['init', '--engine', 'copy', '--routing', table, '--group-column', 'group_id', '--json'],
      env(t),
    );
    expect(JSON.parse(again.stdout).routing).toMatchObject([{ table, created: [], view: null }]);
    await t.fill(1, 1, 130);
    await t.fill(2, 1001, 20);
    const args = ['migrate', '--tables', table, '--threshold', '100'];
    const dry = await relyt([...args, '--dry-run'], env(t));
    expect(dry.code).toBe(0);
    expect(dry.stdout).toMatch(/would move 1 group with 130 rows to the auxiliary table, about/);
    const moved = await relyt([...args, '--batch-rows', '50', '--json'], env(t));
    expect(moved).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(moved.stdout)).toMatchObject({
      ok: true,
      stopped: false,
      tables: [{ table, groups: [{ group: '1', rows: 130, how: 'batches' }] }],
    });
    const back = await relyt([...args, '--back', '--threshold', '131'], env(t));
    expect(back.code).toBe(0);
    expect(back.stdout).toMatch(/group 1: 130 rows, .*\n.*moved 1 group .* to the main table/);
    expect(back.stderr).toMatch(/moved 130 of about 130 rows {2}1 of 1 groups done\n$/);
    await t.expectSettled(150);
  });

  test.each([
    [['--tables', 'events', '--threshold', '5'], /hint: Write public\.events/],
    [['--tables', 'public.t,public.u', '--threshold', '5'], /--tables public\.t public\.u`/],
    [['--tables', 'public.t', '--threshold', '0'], /Expected a whole number from 1 up/],
    [['--tables', 'public.t', '--threshold=-3'], /Expected a whole number from 1 up/],
    [['--tables', 'public.t'], /--threshold/],
    [['--threshold', '5'], /--tables/],
    [['--tables', 'public.t', '--threshold', '5', '--on-conflict', 'x'], /update, nothing/],
  ])('wrong usage: %j', async (args, message) => {
    const result = await relyt(['migrate', ...args]);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(message);
  });

  test.each([
    ['--view', /--view has no effect without --routing/],
    ['--group-column=g', /--group-column has no effect/],
    ['--routing=events', /without its schema/],
  ])('wrong usage of init: %s', async (flag, message) => {
    const result = await relyt(['init', flag]);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(message);
  });

  test('a group that cannot be moved: the others go on, and the command says why and exits with 1', async () => {
    const t = await makeTable();
    await t.setUp();
    await t.fill(1, 1, 130);
    await t.fill(2, 1001, 120);
    await t.database.query(`alter table ${t.auxiliary} add constraint no_13 check (id <> 13)`);
    const args = ['migrate', '--tables', `public.${t.name}`, '--threshold', '100'];
    const failed = await relyt([...args, '--batch-rows', '50'], env(t));
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(/group 2: 120 rows.*\n.*moved 1 group .*\n {2}group 1: failed\n/);
    expect(failed.stderr).toMatch(
      /relyt: Could not move group 1 of .*no_13.*\n {2}hint: .*check.*\n {2}code: MIGRATION_REFUSED\n$/,
    );
    const json = await relyt([...args, '--json'], env(t));
    expect(json).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      tables: [{ groups: [], failed: [{ group: '1', code: 'MIGRATION_REFUSED' }] }],
    });
    await t.expectSettled(250);
  });

  test('SIGINT rolls back the transaction under way, says what was done, and how to go on', async () => {
    const t = await makeTable();
    await t.setUp();
    await t.fill(1, 1, 130);
    await t.fill(2, 1001, 120);
    const client = await t.database.pool.connect();
    try {
      // The second group cannot move while this row is locked.
      await client.query('begin');
      await client.query(`select 1 from ${t.main} where id = 1001 for update`);
      const args = ['migrate', '--tables', `public.${t.name}`, '--threshold', '100'];
      const running = await startRelyt(args, env(t));
      const waiting = `select 1 from pg_stat_activity where application_name = 'relyt migrate' and wait_event_type = 'Lock'`;
      await vi.waitFor(async () => expect(await t.database.query(waiting)).toHaveLength(1), 20_000);
      running.signal('SIGINT');
      const { code, stdout, stderr } = await running.ended;
      expect(code).toBe(1);
      expect(stderr).toContain('SIGINT: rolling back');
      expect(stdout).toMatch(/group 1: 130 rows/);
      expect(stdout).toContain('1 group past the threshold not begun');
      expect(stdout).toContain('Run the same command again to continue');
    } finally {
      await client.query('rollback');
      client.release();
    }
    expect(await t.routed()).toEqual(['1']);
    await t.migrate();
    await t.expectSettled(250);
  });
});
