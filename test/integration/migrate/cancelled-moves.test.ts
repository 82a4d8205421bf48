// With the global deadlock detector of Greenplum on, crossed writes end one statement with 57014, as a cancellation does.
// Nothing has happened then, and the same move goes through (G1).

import { describe, expect, test } from 'vitest';
import { newestServers } from '../../support/stack.ts';
import { type RoutedFixture, routedTablesOn } from './routed-tables.ts';

/** Ends the first `times` statements that copy a row there. A sequence keeps its count when the transaction is undone. */
async function cancelCopies({ database, auxiliary, name }: RoutedFixture, times: number) {
  await database.query(`create sequence public.${name}_cancelled`);
  await database.query(`create function public.${name}_cancel() returns trigger language plpgsql as $$
    begin
      if nextval('public.${name}_cancelled') <= ${times} then
        raise exception 'canceling MPP operation: "cancelled by global deadlock detector"' using errcode = '57014';
      end if;
      return new;
    end $$`);
  await database.query(
    `create trigger cancels before insert on ${auxiliary} for each row execute procedure public.${name}_cancel()`,
  );
}

describe.each(newestServers())('a move that a deadlock detector cancels on $name', (server) => {
  const makeTable = routedTablesOn(server);

  test.each(['whole', 'in batches'])('goes through at another attempt, %s (G1)', async (how) => {
    const t = await makeTable();
    await t.setUp({ view: true });
    await t.fill(100, 1, 300);
    const before = await t.read();
    await cancelCopies(t, 3);
    const report = await t.migrate(how === 'whole' ? {} : { batchRows: 70 });
    expect(report.tables).toMatchObject([{ failed: [], groups: [{ group: '100', rows: 300 }] }]);
    expect(await t.read()).toEqual(before);
    await t.expectSettled(300);
  });

  test('that is cancelled every time ends, and leaves the group where it was (G8)', async () => {
    const t = await makeTable();
    await t.setUp();
    await t.fill(100, 1, 300);
    await cancelCopies(t, 1000);
    await expect(t.migrate()).rejects.toMatchObject({
      code: 'DATABASE_ERROR',
      message: expect.stringContaining('Could not move group 100'),
      details: { sqlstate: '57014' },
    });
    await t.expectSettled(300);
  });
});
