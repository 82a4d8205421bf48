/** What tests of rows that go straight into the target look at. */

import type { TestTarget } from '../../support/loading.ts';

export const row = (n: number) => ({ id: n, v: `value ${n}` });

/** Writes down the statement that each write of the table was part of. */
export async function watch({
  database,
  sql,
  table,
}: TestTarget): Promise<() => Promise<string[]>> {
  const ways = `public.ways_${table}`;
  await database.query(`create table ${ways} (n serial, way text)`);
  await database.query(`create function ${ways}() returns trigger language plpgsql as $$
    begin insert into ${ways} (way) values (lower(split_part(current_query(), ' ', 1))); return null; end $$`);
  await database.query(
    `create trigger watch after insert on ${sql} for each statement execute function ${ways}()`,
  );
  await database.query(`grant all on ${ways}, ${ways}_n_seq to public`);
  return async () => {
    const rows = await database.query<{ way: string }>(`select way from ${ways} order by n`);
    return rows.map(({ way }) => way);
  };
}

export async function layouts({ database }: TestTarget, processId: string): Promise<unknown[]> {
  const rows = await database.query<{ layout: string }>(
    'select distinct layout from relyt_sys.relyt_loader_file where process_id = $1',
    [processId],
  );
  return rows.map(({ layout }) => layout);
}
