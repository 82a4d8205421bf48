// An update by MERGE does what one by ON CONFLICT does (G2, G3, G4), where it is not the same it is not used, and what
// it is refused with is no bad record (G8).

import { describe, expect, test } from 'vitest';
import { createLoaderRole, type TestTarget, targetsOn } from '../../support/loading.ts';
import { testStack } from '../../support/stack.ts';

/**
 * A column that tells by which statement its row was written last: it is computed again with each value of `v`. Not what
 * a trigger would tell, because a table that has one is not written by MERGE.
 */
const WAY = 'way text generated always as (public.way_of(v::text)) stored';
const MAKE_WAY = `create or replace function public.way_of(text) returns text language plpgsql immutable as $$
  begin return case when current_query() like '%merge into%' then 'merge' else 'on conflict' end; end $$`;

const row = (n: number) => ({ id: n, v: `value ${n}` });
const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => row(from + n));
const newer = (from: number, to: number) =>
  rows(from, to).map(({ id, v }) => ({ id, v: `newer ${v}` }));

async function countsOf(target: TestTarget, processId: string) {
  return (await target.imports(processId)).map((one) => ({
    inserted: one.rows_inserted,
    updated: one.rows_updated,
    superseded: one.rows_superseded,
  }));
}

async function waysOf(target: TestTarget): Promise<string[]> {
  const ways = await target.database.query<{ way: string }>(
    `select distinct way from ${target.sql} order by way`,
  );
  return ways.map(({ way }) => way);
}

const SERVERS = testStack().servers.map((server) => ({ name: server.name, server }));

describe.each(SERVERS)('updates by MERGE on $name', ({ server }) => {
  const make = targetsOn(server);
  const makeTarget: typeof make = (columns, options = {}) =>
    make(columns, { ...options, before: `${MAKE_WAY}; ${options.before ?? ''}` });

  test('G2: tell what was inserted and what was updated', async () => {
    const target = await makeTarget(`id bigint primary key, v text, ${WAY}`);
    const first = await target.load(rows(0, 100));
    const mixed = await target.load(newer(50, 150));
    const existing = await target.load(newer(0, 150));
    expect(await countsOf(target, first)).toEqual([{ inserted: 100, updated: 0, superseded: 0 }]);
    expect(await countsOf(target, mixed)).toEqual([{ inserted: 50, updated: 50, superseded: 0 }]);
    expect(await countsOf(target, existing)).toEqual([
      { inserted: 0, updated: 150, superseded: 0 },
    ]);
    expect(await target.rows('id::int, v')).toEqual(newer(0, 150));
    expect(await waysOf(target)).toEqual(['merge']);
  });

  test('are those of a task as long as its imports bring new rows', async () => {
    const target = await makeTarget(`id bigint primary key, v text, ${WAY}`);
    const each = { batchSize: 10, batchImportSize: 1, concurrency: 1 };
    await target.load(rows(0, 60), each);
    expect(await waysOf(target)).toEqual(['merge']);
    const processId = await target.load(newer(0, 60), each);
    expect(await countsOf(target, processId)).toEqual(
      Array(6).fill({ inserted: 0, updated: 10, superseded: 0 }),
    );
    expect(await target.rows('id::int, way')).toEqual(
      rows(0, 60).map(({ id }) => ({ id, way: id < 10 ? 'merge' : 'on conflict' })),
    );
  });

  describe('G3: the last one of a key wins', () => {
    test.each([
      ['that is new (23505)', 0],
      ['that is there (21000)', 5],
    ])('of those twice in an import, %s', async (_, there) => {
      const target = await makeTarget(`id bigint primary key, v text, ${WAY}`);
      await target.load(rows(0, there + 1).slice(0, there));
      const twice = [...rows(0, 10), ...newer(0, 5)];
      await using processor = await target.open({ batchSize: 1000 });
      await processor.insert(twice);
      await processor.flush();
      await processor.insert(rows(20, 30));
      await processor.shutdown();
      expect(processor.progress().rows).toMatchObject({
        inserted: 20 - there,
        updated: there,
        superseded: 5,
        rejected: 0,
      });
      expect(await target.rows('id::int, v')).toEqual([
        ...newer(0, 5),
        ...rows(5, 10),
        ...rows(20, 30),
      ]);
      // From then on keys are reduced first.
      expect(await waysOf(target)).toEqual(['on conflict']);
    });

    test('of those in several imports', async () => {
      const target = await makeTarget(`id bigint primary key, v text, ${WAY}`);
      const load = { batchSize: 10, batchImportSize: 1, concurrency: 4 };
      await target.load([...rows(0, 100), ...newer(0, 100)], load);
      expect(await target.rows('id::int, v')).toEqual(newer(0, 100));
      expect(await waysOf(target)).toContain('merge');
    });
  });

  interface Shape {
    readonly name: string;
    readonly columns: string;
    readonly suffix?: string;
    readonly before?: string;
    readonly table?: string;
    readonly first: readonly object[];
    readonly second: readonly object[];
    /** What is there after both, without what tells the way. */
    readonly expected: readonly object[];
    readonly shown?: string;
    /** Rows of the second load that are updates. */
    readonly updated: number;
  }

  const SHAPES: readonly Shape[] = [
    {
      name: 'a key of two columns, in another order',
      columns: `v text, a int, b text, primary key (b, a), ${WAY}`,
      first: [{ a: 1, b: 'x', v: '1' }],
      second: [
        { a: 1, b: 'x', v: '2' },
        { a: 1, b: 'y', v: '3' },
      ],
      shown: 'a, b, v',
      expected: [
        { a: 1, b: 'x', v: '2' },
        { a: 1, b: 'y', v: '3' },
      ],
      updated: 1,
    },
    {
      name: 'a key of citext',
      before: 'create schema if not exists ext; create extension if not exists citext schema ext',
      columns: `id ext.citext primary key, v text, ${WAY}`,
      first: [{ id: 'Key', v: '1' }],
      second: [
        { id: 'kEY', v: '2' },
        { id: 'other', v: '3' },
      ],
      shown: 'id::text, v',
      expected: [
        { id: 'Key', v: '2' },
        { id: 'other', v: '3' },
      ],
      updated: 1,
    },
    {
      name: 'a key of a collation under which different texts are equal',
      before: `create collation if not exists public.folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
      columns: `id text collate public.folded primary key, v text, ${WAY}`,
      first: [{ id: 'Key', v: '1' }],
      second: [
        { id: 'kEY', v: '2' },
        { id: 'other', v: '3' },
      ],
      shown: 'id, v',
      expected: [
        { id: 'Key', v: '2' },
        { id: 'other', v: '3' },
      ],
      updated: 1,
    },
    {
      name: 'a key of a domain, and lengths that are checked',
      before: `drop domain if exists public.positive; create domain public.positive as numeric(6,2) check (value > 0)`,
      columns: `id public.positive primary key, c char(3), v varchar(5), ${WAY}`,
      first: [{ id: '7.00', c: 'a', v: '1' }],
      second: [
        { id: '7', c: 'ab', v: '2' },
        { id: '8.5', c: 'abc', v: '12345' },
      ],
      shown: 'id::text, c, v',
      expected: [
        { id: '7.00', c: 'ab ', v: '2' },
        { id: '8.50', c: 'abc', v: '12345' },
      ],
      updated: 1,
    },
    {
      name: 'identities, of which one is never updated, and a computed column',
      columns: `id int primary key, n int generated always as identity, m int generated by default as identity, v text, w text generated always as (v || '!') stored, ${WAY}`,
      first: [{ id: 1, n: 10, m: 20, v: '1' }],
      second: [
        { id: 1, n: 11, m: 21, v: '2' },
        { id: 2, n: 12, m: 22, v: '3' },
      ],
      shown: 'id, n, m, w',
      expected: [
        { id: 1, n: 10, m: 21, w: '2!' },
        { id: 2, n: 12, m: 22, w: '3!' },
      ],
      updated: 1,
    },
    {
      name: 'partitions',
      columns: `id int, day date, v text, primary key (id, day), ${WAY}`,
      suffix: `partition by range (day)`,
      first: [{ id: 1, day: '2026-01-05', v: '1' }],
      second: [
        { id: 1, day: '2026-01-05', v: '2' },
        { id: 1, day: '2026-02-05', v: '3' },
      ],
      shown: 'id, day::text, v',
      expected: [
        { id: 1, day: '2026-01-05', v: '2' },
        { id: 1, day: '2026-02-05', v: '3' },
      ],
      updated: 1,
    },
    {
      name: 'the name excluded',
      table: 'excluded',
      columns: `id int primary key, v text, ${WAY}`,
      first: rows(0, 1),
      second: newer(0, 2),
      shown: 'id, v',
      expected: newer(0, 2),
      updated: 1,
    },
    {
      name: 'columns named like what the statement names',
      columns: `t int primary key, w text, v text, ${WAY}`,
      first: [{ t: 1, w: 'a', v: '1' }],
      second: [{ t: 1, w: 'b', v: '2' }],
      shown: 't, w, v',
      expected: [{ t: 1, w: 'b', v: '2' }],
      updated: 1,
    },
    {
      name: 'nothing but its key',
      columns: `v int primary key, ${WAY}`,
      first: [{ v: 1 }],
      second: [{ v: 1 }, { v: 2 }],
      shown: 'v',
      expected: [{ v: 1 }, { v: 2 }],
      updated: 1,
    },
    {
      name: 'columns that are not given and keep what they have',
      columns: `id int primary key, v text, kept text default 'first', ${WAY}`,
      first: [{ id: 1, v: '1', kept: 'mine' }],
      second: [
        { id: 1, v: '2' },
        { id: 2, v: '3' },
      ],
      shown: 'id, v, kept',
      expected: [
        { id: 1, v: '2', kept: 'mine' },
        { id: 2, v: '3', kept: 'first' },
      ],
      updated: 1,
    },
  ];

  test.each(SHAPES)('G3, G4: a table of $name', async (shape) => {
    const { columns, suffix, before, table, first, second, expected, shown, updated } = shape;
    const target = await makeTarget(columns, {
      ...(suffix && { suffix }),
      ...(before && { before }),
      ...(table && { table }),
    });
    if (suffix !== undefined)
      for (const month of [1, 2])
        await target.database.query(
          `create table part_${month}_of_${target.table} partition of ${target.sql} for values from ('2026-0${month}-01') to ('2026-0${month + 1}-01')`,
        );
    await target.load(first);
    const processId = await target.load(second);
    const order = shown
      ?.split(', ')
      .map((_, n) => n + 1)
      .join(', ');
    expect(await target.rows(shown, order)).toEqual(expected);
    expect(await countsOf(target, processId)).toEqual([
      { inserted: second.length - updated, updated, superseded: 0 },
    ]);
    expect(await waysOf(target)).toEqual(['merge']);
  });

  test('G3: leave a table that inherits from the target alone', async () => {
    const target = await makeTarget(`id int primary key, v text, ${WAY}`);
    const child = `child_of_${target.table}`;
    await target.database.query(`create table ${child} () inherits (${target.sql})`);
    await target.database.query(`insert into ${child} (id, v) values (1, 'of the child')`);
    const processId = await target.load(rows(0, 3));
    expect(await countsOf(target, processId)).toEqual([{ inserted: 3, updated: 0, superseded: 0 }]);
    expect(await target.database.query(`select id, v from ${child}`)).toEqual([
      { id: 1, v: 'of the child' },
    ]);
  });

  describe('are made by ON CONFLICT', () => {
    const NOTHING = `create or replace function public.pass() returns trigger language plpgsql as $$ begin return new; end $$`;
    test.each([
      [
        'a trigger of rows',
        (t: string) => [
          `create trigger x before update on ${t} for each row execute function public.pass()`,
        ],
      ],
      [
        'a trigger of statements',
        (t: string) => [
          `create trigger x after insert on ${t} for each statement execute function public.pass()`,
        ],
      ],
      ['a rule', (t: string) => [`create rule x as on delete to ${t} do also select 1`]],
      [
        'a check of a column that is not given',
        (t: string) => [
          `alter table ${t} add column other int, add check (other is null or other > 0 or v <> '')`,
        ],
      ],
    ] as const)('in a table with %s', async (_, change) => {
      const target = await makeTarget(`id int primary key, v text, ${WAY}`, { before: NOTHING });
      for (const statement of change(target.sql)) await target.database.query(statement);
      const options = { columns: ['id', 'v'] };
      await target.load(rows(0, 3), options);
      await target.load(newer(0, 3), options);
      expect(await target.rows('id, v')).toEqual(newer(0, 3));
      expect(await waysOf(target)).toEqual(['on conflict']);
    });

    test('in a table of which one partition has a trigger', async () => {
      const target = await makeTarget(`id int primary key, v text, ${WAY}`, {
        before: NOTHING,
        suffix: 'partition by range (id)',
      });
      await target.database.query(
        `create table part_of_${target.table} partition of ${target.sql} default`,
      );
      await target.database.query(
        `create trigger x before insert on part_of_${target.table} for each row execute function public.pass()`,
      );
      await target.load(rows(0, 3));
      expect(await waysOf(target)).toEqual(['on conflict']);
    });

    test('where row security binds the role', async () => {
      const target = await makeTarget(`id int primary key, v text, ${WAY}`);
      const role = await createLoaderRole(target);
      await target.database.query(`alter table ${target.sql} enable row level security`);
      await target.database.query(
        `create policy most on ${target.sql} using (true) with check (id <> 3)`,
      );
      await target.database.query(`grant select, insert, update on ${target.sql} to ${role.name}`);
      await using processor = await target.open({ url: role.url, maxErrorRecords: 1 });
      await processor.insert(rows(0, 5));
      await processor.shutdown();
      expect(processor.progress().rows).toMatchObject({ inserted: 4, rejected: 1 });
      expect(await waysOf(target)).toEqual(['on conflict']);
    });
  });

  test('G2: of a role without more rights than ON CONFLICT needs', async () => {
    const target = await makeTarget(`id int primary key, v text, ${WAY}, secret text`);
    const role = await createLoaderRole(target);
    await target.database.query(
      `grant select (id, v), update (v), insert on ${target.sql} to ${role.name}`,
    );
    const options = { url: role.url, columns: ['id', 'v'] };
    await target.load(rows(0, 3), options);
    await target.load(newer(0, 5), options);
    expect(await target.rows('id, v')).toEqual(newer(0, 5));
    expect(await waysOf(target)).toEqual(['merge']);
  });

  describe('G8: a bad record', () => {
    async function rejectedOf(target: TestTarget, records: readonly object[]) {
      await using processor = await target.open({ maxErrorRecords: 1 });
      await processor.insert(records);
      await processor.shutdown();
      const rejects = await target.database.query(
        `select record_ordinal::int as ordinal, code from relyt_sys.relyt_loader_reject where process_id = $1`,
        [processor.processId],
      );
      return { rows: processor.progress().rows, rejects };
    }

    test('of a check is isolated', async () => {
      const target = await makeTarget(`id int primary key, v text check (v <> 'value 7'), ${WAY}`);
      const { rows: counts, rejects } = await rejectedOf(target, rows(0, 20));
      expect(rejects).toEqual([{ ordinal: 8, code: '23514' }]);
      expect(counts).toMatchObject({ inserted: 19, rejected: 1 });
    });

    test('of another unique key is isolated, and named by 23505 as always', async () => {
      const target = await makeTarget(`id int primary key, v text unique, ${WAY}`);
      await target.load([{ id: 100, v: 'value 7' }]);
      const { rows: counts, rejects } = await rejectedOf(target, rows(0, 20));
      expect(rejects).toEqual([{ ordinal: 8, code: '23505' }]);
      expect(counts).toMatchObject({ inserted: 19, updated: 0, rejected: 1 });
    });
  });

  test('G3: a key that another session inserts meanwhile is updated', async () => {
    const target = await makeTarget(`id int primary key, v text, ${WAY}`);
    const other = await target.database.pool.connect();
    try {
      await other.query('begin');
      await other.query(`insert into ${target.sql} (id, v) values (3, 'of another session')`);
      const load = target.load(rows(0, 5));
      await target.untilImportWaits();
      await other.query('commit');
      const processId = await load;
      expect(await countsOf(target, processId)).toEqual([
        { inserted: 4, updated: 1, superseded: 0 },
      ]);
    } finally {
      other.release();
    }
    expect(await target.rows('id, v')).toEqual(rows(0, 5));
    expect(await waysOf(target)).toEqual(['on conflict']);
  });
});
