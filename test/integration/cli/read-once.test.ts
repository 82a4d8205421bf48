// The command and the library plan a load together: what the database says of the target is asked for once.

import { describe, expect, test } from 'vitest';
import { targetsOn } from '../../support/loading.ts';
import { defaultServer, watchLog } from '../../support/stack.ts';
import { inputFile, relyt } from './relyt.ts';
import { environmentOf, relytOn, said } from './relyt-on.ts';

const server = defaultServer();
const CSV = 'id,v\n1,one\n2,two\n';
/** A line of the statement that looks for a table, as the server's log has it. Its last one and the values follow. */
const TABLE_LOOKED_FOR =
  "left join pg_catalog.pg_constraint con on con.conrelid = c.oid and con.contype = 'p'";

/** How often the log says that the table of this name was looked for. */
function timesRead(log: string, table: string): number {
  const lines = log.replaceAll('\n\t', '\n').split('\n');
  return lines.filter(
    (line, n) => line === TABLE_LOOKED_FOR && lines[n + 2]?.includes(`$2 = '${table}'`),
  ).length;
}

describe('the target is read once', () => {
  const makeTarget = targetsOn(server);

  test.each([
    ['relyt load', ['--engine', 'copy']],
    ['relyt load --dry-run', ['--engine', 'copy', '--dry-run']],
  ])('by %s', async (_, flags) => {
    const target = await makeTarget('id int primary key, v text');
    await target.load([]);
    const url = new URL(target.database.url);
    url.search = `?options=${encodeURIComponent('-c log_statement=all')}`;
    const since = watchLog(server);
    const { code } = await relyt(
      ['load', inputFile('in.csv', CSV), '--table', `public.${target.table}`, ...flags],
      { env: { ...environmentOf(target), DATABASE_URL: url.href } },
    );
    expect(code).toBe(0);
    expect(timesRead(since(), target.table)).toBe(1);
  });

  test('by relyt resume', async () => {
    const target = await makeTarget(`id int primary key, v text check (v <> 'two')`);
    const failed = await relytOn(
      target,
      'load',
      inputFile('in.csv', CSV),
      '--table',
      target.table,
      '--json',
    );
    const { processId } = said(failed).details as { processId: string };
    await target.database.query(
      `alter table ${target.sql} drop constraint ${target.table}_v_check`,
    );
    const url = new URL(target.database.url);
    url.search = `?options=${encodeURIComponent('-c log_statement=all')}`;
    const since = watchLog(server);
    const { code } = await relyt(['resume', processId], {
      env: { ...environmentOf(target), DATABASE_URL: url.href },
    });
    expect(code).toBe(0);
    expect(timesRead(since(), target.table)).toBe(1);
    expect(await target.count()).toBe(2);
  });
});
