/** Tables that tell by which statement their rows were written, for tests of updates by MERGE. */

import type { MakeTarget, TestTarget } from '../../support/loading.ts';

/**
 * A column that tells by which statement its row was written last: it is computed again with each value of `v`. Not what
 * a trigger would tell, because a table that has one is not written by MERGE.
 */
export const WAY = 'way text generated always as (public.way_of(v::text)) stored';
const MAKE_WAY = `create or replace function public.way_of(text) returns text language plpgsql immutable as $$
  begin return case when current_query() like '%merge into%' then 'merge' else 'on conflict' end; end $$`;

const row = (n: number) => ({ id: n, v: `value ${n}` });
export const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => row(from + n));
export const newer = (from: number, to: number) =>
  rows(from, to).map(({ id, v }) => ({ id, v: `newer ${v}` }));

export async function countsOf(target: TestTarget, processId: string) {
  return (await target.imports(processId)).map((one) => ({
    inserted: one.rows_inserted,
    updated: one.rows_updated,
    superseded: one.rows_superseded,
  }));
}

export async function waysOf(target: TestTarget): Promise<string[]> {
  const ways = await target.database.query<{ way: string }>(
    `select distinct way from ${target.sql} order by way`,
  );
  return ways.map(({ way }) => way);
}

/** Tables that may have the column. */
export const withWays =
  (make: MakeTarget): MakeTarget =>
  (columns, options = {}) =>
    make(columns, { ...options, before: `${MAKE_WAY}; ${options.before ?? ''}` });
