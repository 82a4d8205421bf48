// G8: a record that cannot be loaded is named: which one, which column, why. The database and the encoder say it alike.

import { describe, expect, test } from 'vitest';
import { failureOf, generate, type LoadOptions, targetsOn } from '../../support/loading.ts';
import { defaultServer, newestServers } from '../../support/stack.ts';

describe('columns that do not fit (G8)', () => {
  const makeTarget = targetsOn(defaultServer());

  test.each([
    ['an unknown one', { id: 1, nmae: 'x' }, 'COLUMN_UNKNOWN', 'nmae', /Did you mean "name"/],
    ['a missing one', { id: 1 }, 'COLUMN_MISSING', 'name', /value/],
    ['a generated one', { id: 1, name: 'x', twice: 2 }, 'COLUMN_GENERATED', 'twice', /computes/],
  ] as const)('%s', async (_, record, code, column, hint) => {
    const target = await makeTarget(
      'id int, name text not null, twice int generated always as (id * 2) stored',
    );
    await using processor = await target.open();
    const failure = await failureOf(processor.insert([record]));
    expect(failure).toMatchObject({ code, hint: expect.stringMatching(hint), details: { column } });
    expect(failure.message).toContain(`"${column}"`);
  });

  test('a deferrable key, which can decide no conflict', async () => {
    const target = await makeTarget('id int primary key deferrable');
    await using processor = await target.open();
    const failure = await failureOf(processor.insert([{ id: 1 }]));
    expect(failure.code).toBe('TABLE_UNSUPPORTED');
    expect(failure.hint).toContain("onConflict 'error'");
    await target.load([{ id: 1 }], { onConflict: 'error' });
    expect(await target.rows()).toEqual([{ id: 1 }]);
  });
});

describe.each(newestServers())('a value that its column refuses (G8) on $name', (server) => {
  const makeTarget = targetsOn(server);
  const DOMAIN = `do $$ begin
    create domain positive_int as int check (value > 0);
  exception when duplicate_object then null; end $$`;
  const COLUMNS = `id int primary key, small smallint check (small <> 13), code varchar(3),
    price numeric(4,1), day date, note text, positive positive_int`;

  test.each([
    ['text with NUL', { note: 'a\0b' }, 'note', /U\+0000/],
    ['a number out of range', { small: 40_000 }, 'small', /40000/],
    ['text that is too long', { code: 'abcd' }, 'code', /varchar|character varying/],
    ['a number with too many digits', { price: '12345.6' }, 'price', /numeric/],
    ['a day that does not exist', { day: '2023-02-29' }, 'day', /date/],
    // A constraint has a name; PostgreSQL does not say which column it looks at.
    ['a value a CHECK refuses', { small: 13 }, undefined, /check constraint "t\d+_small_check"/],
    ['a value a domain refuses', { positive: -5 }, 'positive', /domain/],
  ] as const)('%s', async (_, wrong, column, reason) => {
    const target = await makeTarget(COLUMNS, { before: DOMAIN });
    await using processor = await target.open({ batchSize: 10 });
    const records = [...generate(25, (id) => ({ id }))].map((good) =>
      good.id === 16 ? { ...good, ...wrong } : good,
    );
    const failure = await failureOf(
      processor
        .insert([{ id: -1, small: 1, code: 'a', price: 1, day: null, note: '', positive: 1 }])
        .then(() => processor.insert(records))
        .then(() => processor.shutdown()),
    );
    expect(['IMPORT_REFUSED', 'RECORD_INVALID']).toContain(failure.code);
    expect(failure.message).toMatch(reason);
    expect(failure.details).toMatchObject({ record: 18, processId: processor.processId });
    expect(failure.details.column).toBe(column);
    await failureOf(processor.shutdown());
    expect(await target.checkpoint(processor.processId)).toMatchObject({ status: 'FAILED' });
  });

  test("a key that is there already, with onConflict 'error'", async () => {
    const target = await makeTarget('id int primary key, v text');
    await target.load([{ id: 7, v: 'old' }]);
    await using processor = await target.open({ onConflict: 'error' });
    await processor.insert([5, 6, 7, 8].map((id) => ({ id, v: 'new' })));
    const failure = await failureOf(processor.shutdown());
    expect(failure.code).toBe('DUPLICATE_KEY');
    expect(failure.details).toMatchObject({ record: 3, table: `public.${target.table}` });
    expect(await target.rows()).toEqual([{ id: 7, v: 'old' }]);
  });

  test('NULL put into a NOT NULL column by a trigger', async () => {
    const target = await makeTarget('id int not null');
    await target.database.query(`create or replace function empty_id() returns trigger language plpgsql as
      $$ begin if new.id = 3 then new.id := null; end if; return new; end $$`);
    await target.database.query(
      `create trigger empty_id before insert on ${target.sql} for each row execute function empty_id()`,
    );
    const failure = await failureOf(target.load(generate(5, (id) => ({ id }))));
    expect(failure.code).toBe('IMPORT_REFUSED');
    expect(failure.details).toMatchObject({ record: 4, column: 'id', sqlstate: '23502' });
  });
});

describe('maxErrorRecords', () => {
  const makeTarget = targetsOn(defaultServer());
  const COLUMNS = 'id int primary key, small smallint check (small <> 13)';
  const good = (id: number) => ({ id, small: 1 });
  /** The encoder refuses the one, the database the other. */
  const tooBig = (id: number) => ({ id, small: 99_999 });
  const unlucky = (id: number) => ({ id, small: 13 });

  test('so many are tolerated and kept, whichever stage refuses them; the others are loaded', async () => {
    const target = await makeTarget(COLUMNS);
    const rejected: number[] = [];
    await using processor = await target.open({ maxErrorRecords: 4, batchSize: 3 });
    processor.on('recordRejected', ({ record, error }) => {
      expect(error.code).toBe(record % 2 === 1 ? 'RECORD_INVALID' : 'IMPORT_REFUSED');
      rejected.push(record);
    });
    await processor.insert([tooBig(1), unlucky(2), tooBig(3), unlucky(4), good(5), good(6)]);
    await processor.shutdown();
    expect(rejected.sort()).toEqual([1, 2, 3, 4]);
    expect(await target.rows()).toEqual([good(5), good(6)]);
    const kept = await target.database.query(
      `select record_ordinal::int as ordinal, stage, column_name, record::text as record
       from relyt_sys.relyt_loader_reject where process_id = $1 order by 1`,
      [processor.processId],
    );
    expect(
      kept.map(({ record, ...row }) => ({ ...row, id: Number(JSON.parse(String(record)).id) })),
    ).toEqual(
      [1, 2, 3, 4].map((n) => ({
        ordinal: n,
        stage: n % 2 === 1 ? 'encode' : 'import',
        column_name: n % 2 === 1 ? 'small' : null,
        id: n,
      })),
    );
    expect(await target.checkpoint(processor.processId)).toMatchObject({
      status: 'COMPLETED',
      error_records: 4,
    });
    expect(processor.progress()).toMatchObject({ received: 6, rows: { inserted: 2 } });
  });

  test.each([
    ['by the encoder', tooBig],
    ['by the database', unlucky],
  ])('one more, refused %s, is returned to the caller and ends the task', async (_, bad) => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open({ maxErrorRecords: 2 });
    const load = async () => {
      await processor.insert([good(1), bad(2), good(3), bad(4), good(5), bad(6), good(7)]);
      await processor.flush();
    };
    const failure = await failureOf(load());
    expect(failure.code).toBe('REJECT_LIMIT_EXCEEDED');
    expect(failure.details.processId).toBe(processor.processId);
    expect((await failureOf(processor.insert([good(8)]))).code).toBe('REJECT_LIMIT_EXCEEDED');
    expect((await failureOf(processor.flush())).code).toBe('REJECT_LIMIT_EXCEEDED');
    expect((await failureOf(processor.shutdown())).code).toBe('REJECT_LIMIT_EXCEEDED');
    expect(await target.checkpoint(processor.processId)).toMatchObject({
      status: 'FAILED',
      error_message: expect.stringContaining('small'),
    });
  });

  test('records that are no objects, the very first among them, count like all others', async () => {
    const target = await makeTarget('id int');
    const options: LoadOptions = { maxErrorRecords: 3 };
    const processId = await target.load([null, 'text', { id: 1 }, 5, { id: 2 }], options);
    expect(await target.rows()).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await target.checkpoint(processId)).toMatchObject({ error_records: 3 });
  });

  test('values that a reject row itself could choke on are kept all the same', async () => {
    const target = await makeTarget('id int, note text');
    const records = [
      { id: 1, note: 'a\0b' },
      { id: 2, note: '\ud800' },
      { id: 10n ** 30n, note: '"\\\n' },
      { id: Number.NaN, note: 'é' },
    ];
    const processId = await target.load([{ id: 0, note: 'good' }, ...records], {
      maxErrorRecords: 4,
    });
    const kept = await target.database.query<{ record: string }>(
      `select record::text from relyt_sys.relyt_loader_reject where process_id = $1 order by record_ordinal`,
      [processId],
    );
    expect(kept.map(({ record }) => JSON.parse(record).note)).toEqual(
      records.map(({ note }) => note),
    );
    expect(await target.count()).toBe(1);
  });
});
