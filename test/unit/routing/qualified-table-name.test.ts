import { describe, expect, test } from 'vitest';
import { createView } from '../../../src/database/statements/routing-view.ts';
import { qualifiedTableName } from '../../../src/routing/qualified-table-name.ts';

describe('the name of a main table', () => {
  test.each([
    ['public.t', 'public', 't'],
    ['Sales.Events', 'Sales', 'Events'],
    ['"odd.schema"."odd ""table"', 'odd.schema', 'odd "table'],
  ])('%s', (text, schema, table) => {
    expect(qualifiedTableName(text)).toEqual({ schema, table });
  });

  test.each(['t', '"a.b"'])('%s lacks its schema', (text) => {
    expect(() => qualifiedTableName(text)).toThrow(
      `The table ${text} is named without its schema.`,
    );
  });

  test.each(['', 'a.b.c', '.t', 'public.', '"a.b'])('"%s" is none', (text) => {
    expect(() => qualifiedTableName(text)).toThrow('is not the name of a table');
  });
});

test('the view asks the routing table for every row of either table', () => {
  const side = (table: string, group: string) => ({
    schema: 's',
    table,
    group,
    columns: ['id', group],
  });
  const { text } = createView({
    name: 'v',
    main: side('t', 'group_id'),
    auxiliary: side('a', 'routing_id'),
    routing: { schema: 'relyt_sys', name: 'r', idType: 'bigint' },
    asReader: false,
  });
  expect(text).toBe(`create or replace view "s"."v" as
select m."id", m."group_id" from "s"."t" m
where not exists (select 1 from "relyt_sys"."r" r where r.routing_id = m."group_id"::bigint)
union all
select a."id", a."routing_id" from "s"."a" a
where exists (select 1 from "relyt_sys"."r" r where r.routing_id = a."routing_id"::bigint)`);
});

test('groups that are words are compared as an import compares them, whatever their collation', () => {
  const side = (table: string) => ({ schema: 's', table, group: 'g', columns: ['g'] });
  const { text } = createView({
    name: 'v',
    main: side('t'),
    auxiliary: side('a'),
    routing: { schema: 'relyt_sys', name: 'r', idType: 'text' },
    asReader: false,
  });
  expect(text).toContain('r.routing_id = m."g"::text collate "default"');
  expect(text).toContain('r.routing_id = a."g"::text collate "default"');
});
