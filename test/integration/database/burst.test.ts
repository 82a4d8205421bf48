// Statements in one round trip: G7 needs that nothing is run outside of the transaction that was asked for.

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runTogether } from '../../../src/database/burst.ts';
import { Database } from '../../../src/database/database.ts';
import type { Transaction } from '../../../src/database/session.ts';
import type { Statement } from '../../../src/database/statement.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { newestServers } from '../../support/stack.ts';

const say = (text: string, ...values: unknown[]): Statement => ({ name: 'say', text, values });

describe.each(newestServers())('on $name', (server) => {
  let own: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    own = await createTestDatabase(server);
    client = new pg.Client(own.url);
    await client.connect();
    await client.query('create table kept (n int primary key, v text)');
  });

  afterAll(async () => {
    await client.end();
    await own.drop();
  });

  const kept = async () => (await client.query('select n, v from kept order by n')).rows;

  test('each has its answer', async () => {
    const answers = await runTogether(client, [
      say('begin'),
      say('insert into kept select g, $1 from generate_series(1, 3) g', 'x'),
      say('select n, v, null::text as none from kept where n = any($1::int[])', [1, 3]),
      say('update kept set v = $1 where n > 100', 'y'),
      say('rollback'),
    ]);
    expect(answers.map(({ rowCount }) => rowCount)).toEqual([0, 3, 2, 0, 0]);
    expect(answers[2]?.rows).toEqual([
      { n: 1, v: 'x', none: null },
      { n: 3, v: 'x', none: null },
    ]);
    expect(await kept()).toEqual([]);
  });

  test('nothing is run after one that fails, as behind a BEGIN that does', async () => {
    const failing = runTogether(client, [
      say('begin isolation level no_such_level'),
      say('insert into kept values (1, $1)', 'outside of a transaction'),
      say('commit'),
    ]);
    await expect(failing).rejects.toMatchObject({ code: '42601' });
    expect(await kept()).toEqual([]);
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  test('a database keeps all statements of one transaction, or none', async () => {
    const database = new Database(
      { connectionString: own.url },
      { connections: 1, applicationName: 'relyt-test' },
    );
    try {
      await expect(
        database.atOnce([say('insert into public.kept values (1)'), say('select 1 / $1::int', 0)]),
      ).rejects.toMatchObject({ code: '22012' });
      expect(await kept()).toEqual([]);
      const [inserted] = await database.atOnce([say('insert into public.kept values (1), (2)')]);
      expect(inserted?.rowCount).toBe(2);
      expect(await kept()).toHaveLength(2);
    } finally {
      await database.close();
    }
  });

  test('a statement that nothing waited for never runs outside of its transaction', async () => {
    const database = new Database(
      { connectionString: own.url },
      { connections: 1, applicationName: 'relyt-test' },
    );
    try {
      let late: Promise<PromiseSettledResult<unknown>[]> | undefined;
      let ended: Transaction | undefined;
      const failing = database.transaction((transaction) => {
        ended = transaction;
        const first = transaction.query(say('select 1 / $1::int', 0));
        const second = transaction.execute(say('insert into public.kept values (21)'));
        late = Promise.allSettled([second]);
        return first;
      });
      await expect(failing).rejects.toMatchObject({ code: '22012' });
      expect((await late)?.map(({ status }) => status)).toEqual(['rejected']);
      const after = ended?.execute(say('insert into public.kept values (22)'));
      await expect(after).rejects.toThrow('A statement came after its transaction.');
      const rows = await kept();
      expect(rows.filter(({ n }) => n > 20)).toEqual([]);
    } finally {
      await database.close();
    }
  });

  test('statements of a transaction run in their turn, also without waiting in between', async () => {
    const database = new Database(
      { connectionString: own.url },
      { connections: 1, applicationName: 'relyt-test' },
    );
    try {
      const rows = await database.transaction((transaction) =>
        Promise.all([
          transaction.copyIn(say('copy public.kept (n) from stdin'), '11\n12\n'),
          transaction.query(say('select count(*)::int as n from public.kept where n > 10')),
          transaction.execute(say('delete from public.kept where n > $1', 10)),
        ]),
      );
      expect(rows).toEqual([2, [{ n: 2 }], 2]);
    } finally {
      await database.close();
    }
  });
});
