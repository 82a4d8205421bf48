// Loads between the transactions of a move: whatever phase it is in, they change the rows that live, and the move
// takes along what they wrote (G1, G3).

import { describe, expect, onTestFinished, test } from 'vitest';
import { migrateGroups } from '../../../src/administration.ts';
import { armFailpoint, type FailpointName } from '../../../src/failpoints.ts';
import { describeEngines } from '../../support/engines-under-test.ts';
import { targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';
import { asRows, makeRouted, type RoutedTarget } from '../routing/routed-target.ts';

const COLUMNS = `id int primary key, group_id int, v text, kept text default 'new'`;
/** The group that moves; the other one lives in the auxiliary table all the time, and 1 in the main one. */
const MOVING = 7;
const ELSEWHERE = 9;
const STAYING = 1;
const IDS = 110;

const PHASES: readonly (readonly [FailpointName, number])[] = [
  ['move-recorded', 1],
  ['move-batch-copied', 1],
  ['move-batch-copied', 2],
  ['move-flipped', 1],
  ['move-batch-cleaned', 1],
];
const DIRECTIONS = ['to-auxiliary', 'to-main'] as const;
const CASES = DIRECTIONS.flatMap((direction) =>
  PHASES.map(([name, hit]) => [name, hit, direction] as const),
);

interface Kept {
  readonly id: number;
  readonly group: number | null;
  readonly v: string;
  readonly kept: string;
}

/** Ids 0-39 are of the group that moves, in batches of 15; it is the smaller of those in the auxiliary table. */
function groupOf(id: number): number {
  if (id < 40) return MOVING;
  return id >= 50 && id < 60 ? STAYING : ELSEWHERE;
}

class History {
  readonly routed: RoutedTarget;
  readonly #rows = new Map<number, Kept>();

  constructor(routed: RoutedTarget) {
    this.routed = routed;
  }

  async begin(direction: (typeof DIRECTIONS)[number]): Promise<void> {
    const records = Array.from({ length: IDS }, (_, id) => ({
      id,
      group_id: groupOf(id),
      v: 'before',
      kept: `kept ${id}`,
    }));
    for (const { id, group_id, v, kept } of records)
      this.#rows.set(id, { id, group: group_id, v, kept });
    await this.routed.target.load(records);
    if (direction === 'to-auxiliary') return;
    await this.routed.move(MOVING, 'auxiliary');
  }

  /** Loads `v` and the group of these ids, and not what is kept. */
  async load(
    ids: readonly number[],
    given: { group: number | null; v: string; onConflict?: 'update' | 'nothing' },
  ): Promise<void> {
    const { group, v, onConflict = 'update' } = given;
    const records = ids.map((id) => ({ id, group_id: group, v }));
    await this.routed.target.load(records, { onConflict });
    for (const id of ids) {
      const row = this.#rows.get(id);
      if (row === undefined) this.#rows.set(id, { id, group, v, kept: 'new' });
      else if (onConflict === 'update') this.#rows.set(id, { ...row, group, v });
    }
  }

  /** Of every batch of the move, and of both sides of where it stands, keys that go each way. */
  async loadEachWay(): Promise<void> {
    await this.load([0, 14, 15, 30, 39], { group: MOVING, v: 'updated' });
    await this.load([1, 16, 31], { group: STAYING, v: 'left for the main table' });
    await this.load([2, 17, 32], { group: ELSEWHERE, v: 'left for the auxiliary table' });
    await this.load([3, 18, 33], { group: null, v: 'left for no group' });
    await this.load([41, 51], { group: MOVING, v: 'came' });
    await this.load([3, 1], { group: MOVING, v: 'came back' });
    await this.load([4, 42, 52, 170], { group: MOVING, v: 'skipped', onConflict: 'nothing' });
    await this.load([5, 43, 53, 171], { group: STAYING, v: 'skipped', onConflict: 'nothing' });
    await this.load([6, 44, 54, 172], { group: ELSEWHERE, v: 'skipped', onConflict: 'nothing' });
  }

  async expectRows(): Promise<void> {
    const rows = [...this.#rows.values()].map(({ id, group, v, kept }) => ({
      id,
      group,
      v: `${v}, ${kept}`,
    }));
    await this.routed.expectRows(rows, `id, v || ', ' || kept as v`);
  }
}

function migrate({ target }: RoutedTarget, direction: (typeof DIRECTIONS)[number]) {
  const back = direction === 'to-main';
  const threshold = back ? 100 : 35;
  return migrateGroups(
    { postgresql: { connectionString: target.database.url } },
    { tables: [`public.${target.table}`], threshold, back, batchRows: 15, maxGroups: 1 },
  );
}

describeEngines('a load between the transactions of a move', ({ makeTarget, engine }) => {
  // These run the same statements as postgres, and are left out where time is short.
  const isSame = ['copy', 'aws-s3'].includes(engine.name);
  const each = test.runIf(!isSame || process.env.RELYT_TEST_FULL === '1');

  each.each(CASES)('after %s, turn %i, %s (G1, G3)', async (name, hit, direction) => {
    const routed = await makeRouted(makeTarget, COLUMNS, { groups: [ELSEWHERE] });
    const history = new History(routed);
    await history.begin(direction);
    let hits = 0;
    const disarm = armFailpoint(name, async () => {
      if (++hits !== hit) return;
      await history.loadEachWay();
    });
    onTestFinished(disarm);
    await migrateMoving(history, direction);
    expect(hits).toBeGreaterThanOrEqual(hit);
    expect(await routed.query('select * from relyt_sys.relyt_loader_move')).toEqual([]);
    await history.expectRows();
  });
});

/** Moves the group that this is about and no other. */
async function migrateMoving(
  { routed }: History,
  direction: (typeof DIRECTIONS)[number],
): Promise<void> {
  const [table] = (await migrate(routed, direction)).tables;
  expect(table?.groups).toMatchObject([{ group: String(MOVING), how: 'batches' }]);
}

describe.each(newestServers())('a load that waits for a move on $name', (server) => {
  const makeTarget = targetsOn(server);

  test('a row that leaves its group while what it left behind is being deleted takes its columns along', async () => {
    const routed = await makeRouted(makeTarget, COLUMNS, { groups: [ELSEWHERE] });
    const history = new History(routed);
    await history.begin('to-auxiliary');
    const client = await routed.target.database.pool.connect();
    let loaded: Promise<void> | undefined;
    const disarm = armFailpoint('move-flipped', async () => {
      // As the migration deletes it, a moment later and not yet committed.
      await client.query(`begin; delete from ${routed.target.sql} where id = 3`);
      loaded = history.load([3], { group: STAYING, v: 'left meanwhile' });
      await routed.target.untilImportWaits();
      await client.query('commit');
      await loaded;
    });
    onTestFinished(() => {
      disarm();
      client.release();
    });
    await migrateMoving(history, 'to-auxiliary');
    await history.expectRows();
  });

  test.each(PHASES)('a key that holds the group, after %s, turn %i', async (name, hit) => {
    const columns = 'id int, group_id int, v text, primary key (group_id, id)';
    const routed = await makeRouted(makeTarget, columns, { groups: [ELSEWHERE] });
    const records = (v: string) =>
      Array.from({ length: 40 }, (_, id) => ({ id, group_id: MOVING, v }));
    await routed.target.load(records('before'));
    const changes = records('changed').filter(({ id }) => id % 3 === 0);
    let hits = 0;
    onTestFinished(
      armFailpoint(name, async () => {
        if (++hits === hit) await routed.target.load(changes);
      }),
    );
    await migrateMoving(new History(routed), 'to-auxiliary');
    const untouched = records('before').filter(({ id }) => id % 3 !== 0);
    await routed.expectRows(asRows([...changes, ...untouched]));
  });

  test.each(['nothing', 'error'] as const)(
    "a row that was deleted leaves only its copy behind, which is no key for '%s'",
    async (onConflict) => {
      const routed = await makeRouted(makeTarget, COLUMNS, { groups: [ELSEWHERE] });
      await new History(routed).begin('to-auxiliary');
      const came = [
        { id: 3, group_id: MOVING, v: 'again' },
        { id: 4, group_id: STAYING, v: 'again' },
      ];
      let hits = 0;
      const disarm = armFailpoint('move-batch-copied', async () => {
        if (++hits !== 1) return;
        await routed.query(`delete from ${routed.target.sql} where id in (3, 4)`);
        await routed.target.load(came, { onConflict });
      });
      onTestFinished(disarm);
      await migrateMoving(new History(routed), 'to-auxiliary');
      expect(await routed.moved('id, v', '1').then((rows) => rows.slice(0, 5))).toContainEqual({
        id: 3,
        v: 'again',
      });
      expect(await routed.main('id, v')).toContainEqual({ id: 4, v: 'again' });
      const twice = `select id from (select id from ${routed.target.sql} union all
        select id from ${routed.auxiliary}) x group by id having count(*) > 1`;
      expect(await routed.query(twice)).toEqual([]);
    },
  );
});
