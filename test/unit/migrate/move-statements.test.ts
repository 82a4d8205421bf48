import { describe, expect, test } from 'vitest';
import type { TargetColumn, TargetTable } from '../../../src/core/target-table.ts';
import {
  anyMissing,
  batchEnd,
  copyRows,
  deleteCopied,
  deleteSurplus,
  dropFromDestination,
  dropFromSource,
  lockSides,
  moveRows,
} from '../../../src/database/statements/move.ts';
import { groupMove } from '../../../src/migrate/group-move.ts';
import type { RoutedTable } from '../../../src/routing/routed-table.ts';
import { targetColumn } from '../records/target-fixture.ts';

function column(name: string, sqlType: string, type: string): TargetColumn {
  return targetColumn(name, type, { sqlType });
}

function table(name: string, group: string, rest: Partial<TargetTable> = {}): TargetTable {
  return {
    schema: 's',
    name,
    kind: 'table',
    columns: [
      column('id', 'bigint', 'int8'),
      column(group, 'integer', 'int4'),
      column('at', 'timestamp with time zone', 'timestamptz'),
      { ...column('sum', 'integer', 'int4'), generated: true },
    ],
    primaryKey: [group, 'id'],
    key: [group, 'id'],
    keyDeferrable: false,
    ...rest,
  };
}

const ROUTED: RoutedTable = {
  main: table('t', 'group_id'),
  auxiliary: table('a', 'routing_id'),
  routing: { schema: 'relyt_sys', name: 'r', idType: 'text', storeName: 'a' },
  groupColumn: { main: 'group_id', auxiliary: 'routing_id' },
};

const there = groupMove(ROUTED, { direction: 'to-auxiliary', group: '7' });
const back = groupMove(ROUTED, { direction: 'to-main', group: '7' });
const RANGE = { after: ['7', '40'], upTo: ['7', '80'] };

describe('a move in one transaction', () => {
  test('keys that are in both tables', () => {
    expect(dropFromDestination(there)).toEqual({
      name: 'dropFromDestination',
      text: `delete from "s"."a" d using "s"."t" s
where s."group_id" operator(pg_catalog.=) $1::pg_catalog.text::integer and d."routing_id" operator(pg_catalog.=) s."group_id" and d."id" operator(pg_catalog.=) s."id"`,
      values: ['7'],
    });
    expect(dropFromSource(there)).toEqual({
      name: 'dropFromSource',
      text: `delete from "s"."t" s using "s"."a" d
where s."group_id" operator(pg_catalog.=) $1::pg_catalog.text::integer and d."routing_id" operator(pg_catalog.=) s."group_id" and d."id" operator(pg_catalog.=) s."id"`,
      values: ['7'],
    });
  });

  test('all rows in one statement', () => {
    expect(moveRows(there)).toEqual({
      name: 'moveRows',
      text: `with moved as (
  delete from "s"."t" s where s."group_id" operator(pg_catalog.=) $1::pg_catalog.text::integer
  returning s."id", s."group_id", s."at"
), arrived as (
  insert into "s"."a" ("id", "routing_id", "at")
  select s."id", s."group_id", s."at" from moved s
  returning 1
)
select (select pg_catalog.count(*) from moved) as deleted, (select pg_catalog.count(*) from arrived) as inserted`,
      values: ['7'],
    });
  });

  test('nobody else writes where a statement changes one table at a time', () => {
    expect(lockSides([there.source, there.destination]).text).toBe(
      'lock table "s"."t", "s"."a" in exclusive mode',
    );
  });

  test('a table without a key has no conflicts', () => {
    const main = table('t', 'group_id', { primaryKey: [] });
    const auxiliary = table('a', 'routing_id', { primaryKey: [] });
    const move = groupMove(
      { ...ROUTED, main, auxiliary },
      {
        direction: 'to-auxiliary',
        group: '7',
      },
    );
    expect(moveRows(move).text).toMatch(/from moved s\n {2}returning 1\n/);
  });
});

describe('a move in batches', () => {
  test('where a batch ends', () => {
    expect(batchEnd(there, ['7', '40'], 1000)).toEqual({
      name: 'batchEnd',
      text: `select s."group_id"::pg_catalog.text as k0, s."id"::pg_catalog.text as k1
from "s"."t" s where s."group_id" operator(pg_catalog.=) $1::pg_catalog.text::integer and (s."group_id", s."id") operator(pg_catalog.>) ($2::pg_catalog.text::integer, $3::pg_catalog.text::bigint)
order by s."group_id", s."id" limit 1 offset 999`,
      values: ['7', '7', '40'],
    });
  });

  test('a batch is copied', () => {
    const where = `where s."group_id" operator(pg_catalog.=) $1::pg_catalog.text::integer and (s."group_id", s."id") operator(pg_catalog.>) ($2::pg_catalog.text::integer, $3::pg_catalog.text::bigint) and (s."group_id", s."id") operator(pg_catalog.<=) ($4::pg_catalog.text::integer, $5::pg_catalog.text::bigint)`;
    const insert = `insert into "s"."a" ("id", "routing_id", "at")
select s."id", s."group_id", s."at" from "s"."t" s
${where}`;
    expect(copyRows(there, RANGE)).toEqual({
      name: 'copyRows',
      text: `${insert} and not exists (select 1 from "s"."a" d where d."routing_id" operator(pg_catalog.=) s."group_id" and d."id" operator(pg_catalog.=) s."id" and (d."routing_id", d."id") operator(pg_catalog.>) ($2::pg_catalog.text::integer, $3::pg_catalog.text::bigint) and (d."routing_id", d."id") operator(pg_catalog.<=) ($4::pg_catalog.text::integer, $5::pg_catalog.text::bigint))`,
      values: ['7', '7', '40', '7', '80'],
    });
  });

  test('the two sides are made to hold the same keys', () => {
    expect(copyRows(there).text).toBe(`insert into "s"."a" ("id", "routing_id", "at")
select s."id", s."group_id", s."at" from "s"."t" s
where s."group_id" operator(pg_catalog.=) $1::pg_catalog.text::integer and not exists (select 1 from "s"."a" d where d."routing_id" operator(pg_catalog.=) s."group_id" and d."id" operator(pg_catalog.=) s."id")`);
    expect(deleteSurplus(there)).toEqual({
      name: 'deleteSurplus',
      text: `delete from "s"."a" d
where d."routing_id" operator(pg_catalog.=) $1::pg_catalog.text::integer and not exists (
  select 1 from "s"."t" s where s."group_id" operator(pg_catalog.=) $1::pg_catalog.text::integer and d."routing_id" operator(pg_catalog.=) s."group_id" and d."id" operator(pg_catalog.=) s."id"
)`,
      values: ['7'],
    });
  });

  test('a key that the destination has as one of another group is missing there', () => {
    expect(anyMissing(there)).toEqual({
      name: 'anyMissing',
      text: `select exists (
  select 1 from "s"."t" s where s."group_id" operator(pg_catalog.=) $1::pg_catalog.text::integer and not exists (select 1 from "s"."a" d where d."routing_id" operator(pg_catalog.=) s."group_id" and d."id" operator(pg_catalog.=) s."id" and d."routing_id" operator(pg_catalog.=) $1::pg_catalog.text::integer)
) as found`,
      values: ['7'],
    });
  });

  test('only what was copied is deleted', () => {
    expect(deleteCopied(there, { after: null, upTo: ['7', '80'] })).toEqual({
      name: 'deleteCopied',
      text: `delete from "s"."t" s
where s."group_id" operator(pg_catalog.=) $1::pg_catalog.text::integer and (s."group_id", s."id") operator(pg_catalog.<=) ($2::pg_catalog.text::integer, $3::pg_catalog.text::bigint) and exists (select 1 from "s"."a" d where d."routing_id" operator(pg_catalog.=) s."group_id" and d."id" operator(pg_catalog.=) s."id" and (d."routing_id", d."id") operator(pg_catalog.<=) ($2::pg_catalog.text::integer, $3::pg_catalog.text::bigint))`,
      values: ['7', '7', '80'],
    });
  });

  test('back: the same the other way', () => {
    expect(copyRows(back).text).toBe(`insert into "s"."t" ("id", "group_id", "at")
select s."id", s."routing_id", s."at" from "s"."a" s
where s."routing_id" operator(pg_catalog.=) $1::pg_catalog.text::integer and not exists (select 1 from "s"."t" d where d."group_id" operator(pg_catalog.=) s."routing_id" and d."id" operator(pg_catalog.=) s."id")`);
  });
});

describe('what differs by the tables', () => {
  test('an identity column that is always generated takes the values of the rows that return', () => {
    const [id, ...others] = ROUTED.main.columns;
    if (id === undefined) throw new Error('the table has columns');
    const main = { ...ROUTED.main, columns: [{ ...id, identity: 'always' as const }, ...others] };
    const routed = { ...ROUTED, main };
    const move = groupMove(routed, { direction: 'to-main', group: '7' });
    expect(copyRows(move).text).toContain('("id", "group_id", "at") overriding system value\n');
    expect(groupMove(routed, { direction: 'to-auxiliary', group: '7' }).overriding).toBe(false);
  });

  test('equal values of different texts are different groups', () => {
    const columns = ROUTED.main.columns.map((one) =>
      one.name === 'group_id' ? column('group_id', 'numeric(9,2)', 'numeric') : one,
    );
    const move = groupMove(
      { ...ROUTED, main: { ...ROUTED.main, columns } },
      {
        direction: 'to-auxiliary',
        group: '1.50',
      },
    );
    expect(copyRows(move).text).toContain(
      'where s."group_id" operator(pg_catalog.=) $1::pg_catalog.text::numeric(9,2) and s."group_id"::pg_catalog.text collate pg_catalog."default" operator(pg_catalog.=) $1::pg_catalog.text',
    );
  });
});
