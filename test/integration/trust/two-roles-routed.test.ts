// G1, G2, G3, G7: two roles that load the same routed table at once, with keys in common, while a migration moves its
// groups there and back: every key stands once, where its group lives, and neither role sees the other's task.

import pg from 'pg';
import { expect, test } from 'vitest';
import { listTasks, migrateGroups } from '../../../src/administration.ts';
import type { TestRole } from '../../support/database.ts';
import { generate, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { loaderOf } from '../database/two-roles.ts';
import { makeRouted, type RoutedTarget } from '../routing/routed-target.ts';

const makeTarget = targetsOn(defaultServer());
const WAVES = 4;
const PER_ROLE = 200;
const IN_COMMON = 100;
const LAST = WAVES - 1;

interface Row {
  readonly id: number;
  readonly group_id: number;
  readonly v: string;
}

/** Their groups differ for the same key, so that a row changes its table with its writer. */
const GROUP_OF = { alice: (id: number) => id % 3, bob: (id: number) => (id + 1) % 3 };
const FIRST_ID = { alice: 0, bob: PER_ROLE - IN_COMMON };
type Who = keyof typeof GROUP_OF;

const wave = (who: Who, n: number) =>
  generate(PER_ROLE, (i): Row => {
    const id = FIRST_ID[who] + i;
    return { id, group_id: GROUP_OF[who](id), v: `${who} ${n}` };
  });

async function loaderOfBoth(routed: RoutedTarget): Promise<TestRole> {
  const role = await loaderOf(routed.target);
  const name = pg.escapeIdentifier(role.name);
  for (const table of [routed.target.sql, routed.auxiliary])
    await routed.query(`grant select, insert, update, delete on ${table} to ${name}`);
  await routed.query(`grant select, update on ${routed.routing} to ${name}`);
  return role;
}

/** Loads all waves; returns the task, and what its role saw of tasks meanwhile. */
async function load(routed: RoutedTarget, who: Who, { url }: TestRole) {
  const seen = new Set<string>();
  await using processor = await routed.target.open({
    ...{ url, concurrency: 2, batchSize: 40, batchImportSize: 1 },
  });
  for (let n = 0; n < WAVES; n++) {
    await processor.insert(wave(who, n));
    await processor.flush();
    const tasks = await listTasks({ postgresql: { connectionString: url } }, { limit: 100 });
    for (const { processId } of tasks) seen.add(processId);
  }
  await processor.shutdown();
  const { inserted, updated } = processor.progress().rows;
  return { processId: processor.processId, seen, written: inserted + updated };
}

async function moveThereAndBack({ target }: RoutedTarget): Promise<number> {
  const access = { postgresql: { connectionString: target.database.url } };
  let moved = 0;
  for (const way of [{}, { back: true, threshold: 100_000 }, { batchRows: 20 }]) {
    const options = { tables: [`public.${target.table}`], threshold: 20, ...way };
    const { tables } = await migrateGroups(access, options);
    moved += tables.flatMap(({ groups }) => groups).length;
  }
  return moved;
}

test('two roles and a migration on one routed table', async () => {
  const routed = await makeRouted(makeTarget, 'id int primary key, group_id int, v text', {
    groups: [1],
  });
  const alice = await loaderOfBoth(routed);
  const bob = await loaderOfBoth(routed);
  await routed.query(`insert into ${routed.target.sql}
    select 1000 + n, 5, 'of before' from generate_series(1, 60) n`);

  const [ofAlice, ofBob, moved] = await Promise.all([
    load(routed, 'alice', alice),
    load(routed, 'bob', bob),
    moveThereAndBack(routed),
  ]);

  expect(moved).toBeGreaterThan(0);
  expect([...ofAlice.seen]).toEqual([ofAlice.processId]);
  expect([...ofBob.seen]).toEqual([ofBob.processId]);
  const [main, auxiliary] = [await routed.main<Row>(), await routed.moved<Row>()];
  const all = [...main, ...auxiliary].filter(({ id }) => id < 1000);
  expect(all.map(({ id }) => id).sort((a, b) => a - b)).toEqual([
    ...generate(2 * PER_ROLE - IN_COMMON, (n) => n),
  ]);
  for (const { id, group_id, v } of all) {
    const who = v.split(' ')[0] as Who;
    expect(GROUP_OF[who](id)).toBe(group_id);
    // Waves follow each other, and who alone has a key has it as of the last one.
    expect(v).toBe(`${who} ${LAST}`);
    if (id < FIRST_ID.bob) expect(who).toBe('alice');
    if (id >= PER_ROLE) expect(who).toBe('bob');
  }
  const routing = await routed.query<{ id: string }>(
    `select routing_id::text as id from ${routed.routing}`,
  );
  const massive = new Set(routing.map(({ id }) => id));
  for (const { group_id } of main) expect(massive.has(String(group_id))).toBe(false);
  for (const { group_id } of auxiliary) expect(massive.has(String(group_id))).toBe(true);
  expect(main.length + auxiliary.length).toBe(all.length + 60);
  for (const { written } of [ofAlice, ofBob]) expect(written).toBe(WAVES * PER_ROLE);
});
