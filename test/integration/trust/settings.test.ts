// G4: no setting of role or database changes what an import does or what its values become (field report: array_nulls,
// synchronous_commit behind a pooler, transaction_timeout, track_counts). TimeZone is the exception: text without a
// zone is read as COPY would read it.

import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { createLoaderRole, failureOf, targetsOn } from '../../support/loading.ts';
import { majorOf, newestServers } from '../../support/stack.ts';
import { setOddly } from './odd-settings.ts';

const SERVERS = newestServers().map((server) => ({ server, name: server.name }));

const COLUMNS = `id int primary key, tags text[], raw bytea, day date, at timestamptz, span interval,
  ratio float8, note text, doc xml, n int generated always as (id * 2) stored`;

const RECORDS = [
  { id: 1, tags: ['a', null, 'NULL'], raw: Buffer.from([0, 92, 255]), day: '2024-02-01' },
  { id: 2, at: new Date('2024-03-31T01:30:00.123Z'), span: '-1 day 02:03:04', ratio: 0.1 + 0.2 },
  { id: 3, note: 'back\\slash \'quote\' "x"', doc: '<a>1</a><b/>', tags: [] },
  { id: 2, at: new Date('1999-12-31T23:59:59.999Z'), ratio: 1 / 3, note: 'the last one wins' },
].map((record) => ({
  ...{ tags: null, raw: null, day: null, at: null, span: null, ratio: null, note: null, doc: null },
  ...record,
}));

const SELECTED = `id, tags::text, tags[2] is null as empty, encode(raw, 'hex') as raw, to_char(day, 'YYYY-MM-DD') as day,
  extract(epoch from at)::text as at, extract(epoch from span)::text as span, ratio::text, note, doc::text, n`;

describe.each(SERVERS)('settings on $name', ({ server }) => {
  const makeTarget = targetsOn(server);

  /** @param undo before the test itself looks: what was set may have been for its own connections, too */
  async function loaded(
    set: (role: string) => Promise<void>,
    undo: () => Promise<unknown> = async () => undefined,
  ) {
    const target = await makeTarget(COLUMNS);
    const role = await createLoaderRole(target);
    await target.database.query(`grant all on ${target.sql} to "${role.name}"`);
    await set(role.name);
    const options = { url: role.url, maxErrorRecords: 1, columns: Object.keys(RECORDS[0] ?? {}) };
    // A key that stands twice, an update of what is there, and an isolation.
    const first = await target.load(RECORDS, options);
    const second = await target.load(
      [
        { ...RECORDS[2], note: 'updated' },
        { ...RECORDS[0], id: 4, span: 'no interval' },
      ],
      options,
    );
    await undo();
    const reader = new pg.Client({ connectionString: target.database.url });
    await reader.connect();
    const { rows } = await reader
      .query(`select ${SELECTED} from ${target.sql} order by id`)
      .finally(() => reader.end());
    const counts = [...(await target.imports(first)), ...(await target.imports(second))];
    return { rows, counts };
  }

  test('change no value and no count', async () => {
    const plain = await loaded(async () => undefined);
    expect(plain.rows).toMatchObject([
      { id: 1, tags: '{a,NULL,"NULL"}', empty: true, raw: '005cff', day: '2024-02-01', n: 2 },
      { id: 2, note: 'the last one wins', at: '946684799.999000', span: null },
      { id: 3, note: 'updated', doc: '<a>1</a><b/>', tags: '{}' },
    ]);
    const database = (await makeTarget('id int')).database;
    const set = (whose: string, path: string) => setOddly(database, whose, { path });
    const ofRole = await loaded((role) => set(`role "${role}"`, 'nowhere'));
    expect(ofRole).toEqual(plain);
    // Those of a database, too, come with the session; these count more than the role's.
    const ofDatabase = await loaded((role) =>
      set(`role "${role}" in database "${database.name}"`, ''),
    );
    expect(ofDatabase).toEqual(plain);
    const quoted = `"${database.name}"`;
    const ofAll = await loaded(
      () => set(`database ${quoted}`, 'nowhere'),
      () => database.query(`alter database ${quoted} reset all`),
    );
    expect(ofAll).toEqual(plain);
  });

  test.each(['copy', 'direct'] as const)(
    'change no value of rows that go straight into the table: %s',
    async (engine) => {
      const columns =
        'id int, tags text[], raw bytea, day date, at timestamptz, ratio float8, note text';
      const names = ['id', 'tags', 'raw', 'day', 'at', 'ratio', 'note'];
      const straight = async (set: (role: string) => Promise<void>) => {
        const target = await makeTarget(columns);
        const role = await createLoaderRole(target);
        await target.database.query(`grant all on ${target.sql} to "${role.name}"`);
        await set(role.name);
        const processId = await target.load(RECORDS, { engine, url: role.url, columns: names });
        const rows = await target.rows(`${names.join(', ')}, ratio::text as digits`, 'id, ratio');
        return { rows, counts: await target.imports(processId) };
      };
      const plain = await straight(async () => undefined);
      expect(plain.counts).toMatchObject([{ rows_inserted: RECORDS.length }]);
      const { database } = await makeTarget('id int');
      expect(await straight((role) => setOddly(database, `role "${role}"`))).toEqual(plain);
    },
  );

  test.each(['postgres', 'copy', 'direct'] as const)(
    'neither end an import nor let a commit be lost (G1): %s',
    async (engine) => {
      const target = await makeTarget('id int, v text');
      const { database, table } = target;
      const role = await createLoaderRole(target);
      await database.query(`grant all on ${target.sql} to "${role.name}"`);
      await database.query(`create table ${table}_noted (durable text)`);
      await database.query(`grant insert on ${table}_noted to "${role.name}"`);
      await database.query(`create function ${table}_note() returns trigger language plpgsql as $$ begin
        insert into public.${table}_noted values (pg_catalog.current_setting('synchronous_commit'));
        perform pg_catalog.pg_sleep(0.3); return null; end $$`);
      await database.query(`create constraint trigger note after insert on ${target.sql}
        deferrable initially deferred for each row execute function ${table}_note()`);
      await database.query(`create trigger slow before insert on ${target.sql}
        for each statement execute function ${table}_note()`);
      await setOddly(database, `role "${role.name}"`);
      for (const name of [
        'statement_timeout',
        ...(majorOf(server) < 17 ? [] : ['transaction_timeout']),
      ])
        await database.query(`alter role "${role.name}" set ${name} = '100ms'`);
      await target.load([{ id: 1, v: 'x' }], { engine, url: role.url });
      expect(await target.count()).toBe(1);
      expect(await database.query(`select durable from ${table}_noted`)).toEqual([
        { durable: 'on' },
        { durable: 'on' },
      ]);
    },
  );

  test('that keep the server from counting updates are refused, and count again for who may switch them on', async () => {
    const target = await makeTarget('id int primary key, note text');
    const role = await createLoaderRole(target);
    await target.database.query(`grant all on ${target.sql} to "${role.name}"`);
    await target.database.query(`alter role "${role.name}" set track_counts = off`);
    const failure = await failureOf(target.load([{ id: 1, note: 'a' }], { url: role.url }));
    expect(failure.message).toContain('track_counts is off');
    expect(await target.count()).toBe(0);
    // Rows that nothing updates are counted by the statement itself.
    await target.load([{ id: 1, note: 'a' }], { url: role.url, onConflict: 'nothing' });
    await target.database.query(`alter role "${role.name}" superuser`);
    const updated = await target.load([{ id: 1, note: 'b' }], { url: role.url });
    expect(await target.imports(updated)).toMatchObject([{ rows_inserted: 0, rows_updated: 1 }]);
  });
});
