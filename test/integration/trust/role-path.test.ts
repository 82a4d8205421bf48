// Code of the tables sees the search path that the role would have had: triggers, deferred ones too, defaults, generated
// columns and checks of domains. Our own SQL does not: operators that the path would find are not called.

import { describe, expect, test } from 'vitest';
import { createLoaderRole, targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';

const SERVERS = newestServers().map((server) => ({ server, name: server.name }));

/** All of it calls `shout` by its bare name. */
const BEFORE = `
  create schema helpers;
  create function helpers.shout(text) returns text language sql immutable as 'select upper($1) || ''!''';
  create function helpers.is_loud(text) returns boolean language plpgsql immutable as 'begin return shout($1) is not null; end';
  create domain helpers.loud as text check (helpers.is_loud(value));
  create function helpers.by_default() returns text language plpgsql as 'begin return shout(''default''); end';
  create function helpers.before_row() returns trigger language plpgsql as 'begin new.by_trigger := shout(new.given); return new; end';
  create table helpers.seen (id int, said text, path text);
  create function helpers.at_commit() returns trigger language plpgsql as
    'begin insert into seen values (new.id, shout(new.given), current_setting(''search_path'')); return null; end';
  create function helpers.computed(text) returns text language plpgsql immutable as 'begin return shout($1); end';
  grant usage on schema helpers to public;
  grant all on helpers.seen to public;`;

const COLUMNS = `id int primary key, given helpers.loud, by_default text default helpers.by_default(), by_trigger text,
  computed text generated always as (helpers.computed(given)) stored`;

describe.each(SERVERS)('on $name', ({ server }) => {
  const makeTarget = targetsOn(server);

  test.each(['postgres', 'copy'] as const)(
    'code of the table is run as ever: engine %s',
    async (engine) => {
      const target = await makeTarget(COLUMNS, {
        before: `drop schema if exists helpers cascade; ${BEFORE}`,
      });
      await target.database.query(`create trigger before_row before insert or update on ${target.sql}
      for each row execute function helpers.before_row()`);
      await target.database.query(`create constraint trigger at_commit after insert on ${target.sql}
      deferrable initially deferred for each row execute function helpers.at_commit()`);
      const role = await createLoaderRole(target);
      await target.database.query(`grant all on ${target.sql} to "${role.name}"`);
      await target.database.query(`alter role "${role.name}" set search_path = helpers, public`);
      const options = { url: role.url, engine, columns: ['id', 'given'] };
      await target.load(
        [
          { id: 1, given: 'a' },
          { id: 2, given: 'b' },
          { id: 2, given: 'c' },
        ],
        options,
      );
      // The second one is isolated.
      const bad = [
        { id: 3, given: 'd' },
        { id: 'x', given: 'e' },
      ];
      await target.load(bad, {
        ...options,
        columns: { id: 'id', given: 'given' },
        maxErrorRecords: 1,
      });
      const row = (id: number, given: string) => {
        const loud = `${given.toUpperCase()}!`;
        return { id, given, by_default: 'DEFAULT!', by_trigger: loud, computed: loud };
      };
      expect(await target.rows('*', 'id')).toEqual([row(1, 'a'), row(2, 'c'), row(3, 'd')]);
      expect(await target.database.query('select * from helpers.seen order by id')).toEqual(
        [
          [1, 'A!'],
          [2, 'C!'],
          [3, 'D!'],
        ].map(([id, said]) => ({ id, said, path: 'helpers, public' })),
      );
    },
  );

  test('keys of an extension are compared as the extension does it, whatever the path', async () => {
    const target = await makeTarget('id ext.citext primary key, n int', {
      before: `create schema if not exists ext; create extension if not exists citext schema ext;
        grant usage on schema ext to public`,
    });
    const role = await createLoaderRole(target);
    await target.database.query(`grant all on ${target.sql} to "${role.name}"`);
    await target.load(
      [
        { id: 'a', n: 1 },
        { id: 'A', n: 2 },
        { id: 'b', n: 3 },
      ],
      { url: role.url },
    );
    expect(await target.rows('id::text, n', 'id')).toEqual(
      [
        { id: 'A', n: 2 },
        { id: 'b', n: 3 },
      ].map((row) => ({ ...row, id: expect.stringMatching(new RegExp(row.id, 'i')) })),
    );
  });
});
