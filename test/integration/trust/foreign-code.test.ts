// G7: what an older `relyt init` made may hold operators, functions and types that a role had planted on its search path.
// Doctor and init name each such object, call none of them, and what init itself makes it makes again.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runCli } from '../../../src/cli/cli.ts';
import { uniquePrefix } from '../../support/bucket.ts';
import {
  createRole,
  createTestDatabase,
  type TestDatabase,
  type TestRole,
} from '../../support/database.ts';
import { newestServers } from '../../support/stack.ts';
import { capturedTerminal } from '../../unit/cli/captured-terminal.ts';
import { s3Environment } from '../cli/relyt.ts';

const CASES = newestServers().map((server) => ({
  server,
  name: server.name,
  engine: server.name === 'postgres-18' ? 'postgres' : 'copy',
}));

describe.each(CASES)('foreign code on $name, engine $engine', ({ server, engine }) => {
  const env = s3Environment(uniquePrefix());
  let database: TestDatabase;
  let mallory: TestRole;
  let loader: TestRole;

  beforeEach(async () => {
    database = await createTestDatabase(server);
    mallory = await createRole(database, 'mallory');
    loader = await createRole(database, 'loader');
    await database.query('create schema app');
    await database.query('create table app.events (id int primary key, group_id text, name text)');
    await init('--routing', 'app.events', '--view', '--role', loader.name);
    await plant();
  }, 60_000);

  afterEach(() => database.drop());

  /** In this process: dozens of new ones would take most of the time. */
  async function run(url: string, ...args: string[]) {
    const { terminal, out, err } = capturedTerminal();
    for (const [name, value] of Object.entries({ ...env, DATABASE_URL: url }))
      vi.stubEnv(name, value);
    const command = [...args, '--engine', engine];
    const code = await runCli(command, terminal).finally(() => vi.unstubAllEnvs());
    return { code, stdout: out.text, stderr: err.text };
  }

  async function init(...args: string[]): Promise<void> {
    expect(await run(database.url, 'init', ...args)).toMatchObject({ code: 0, stderr: '' });
  }

  /** What mallory made in a schema where all may create; the sequence counts calls even of what is rolled back. */
  async function plant(): Promise<void> {
    const statements = [
      'grant create on schema public to public',
      `set role "${mallory.name}"`,
      'create sequence public.calls',
      'grant usage on sequence public.calls to public',
      `create function public.pass(anyelement) returns anyelement language plpgsql immutable as
        'begin perform nextval(''public.calls''); return $1; end'`,
      `create function public.same(text, text) returns boolean language plpgsql immutable as
        'begin perform nextval(''public.calls''); return $1 operator(pg_catalog.=) $2; end'`,
      'create operator public.= (leftarg = text, rightarg = text, procedure = public.same)',
      `create function public.fire() returns trigger language plpgsql as
        'begin perform nextval(''public.calls''); return new; end'`,
      'reset role',
    ];
    await database.query(statements.join(';\n'));
  }

  async function calls(): Promise<number> {
    const [row] = await database.query<{ calls: number }>(
      'select case when is_called then last_value::int else 0 end as calls from public.calls',
    );
    return row?.calls ?? Number.NaN;
  }

  interface FoundStep {
    readonly status: string;
    readonly code: string | null;
    readonly message: string;
    readonly todo: string | null;
  }

  async function examined(url: string): Promise<(name: string) => FoundStep | undefined> {
    const { stdout } = await run(url, 'doctor', '--table', 'app.events', '--json');
    const { steps } = JSON.parse(stdout) as { steps: (FoundStep & { name: string })[] };
    return (name) => steps.find((one) => one.name === name);
  }

  async function step(name: string, url = database.url): Promise<FoundStep> {
    const found = (await examined(url))(name);
    if (found === undefined) throw new Error(`no step ${name}`);
    return found;
  }

  /** All expressions of our tables and the view, as the server would print them. */
  const definitions = () =>
    database.query<{ kind: string; relation: string; name: string; text: string; more: string }>(`
      select 'default' as kind, adrelid::regclass::text as relation, quote_ident(a.attname) as name,
        pg_get_expr(adbin, adrelid) as text, format_type(a.atttypid, a.atttypmod) as more
      from pg_attrdef join pg_class c on c.oid = adrelid
      join pg_attribute a on a.attrelid = adrelid and a.attnum = adnum
      where c.relnamespace = 'relyt_sys'::regnamespace
      union all
      select 'check', conrelid::regclass::text, quote_ident(conname), pg_get_expr(conbin, conrelid), ''
      from pg_constraint where contype = 'c' and connamespace = 'relyt_sys'::regnamespace and conrelid <> 0
      union all
      select 'policy', polrelid::regclass::text, quote_ident(polname), pg_get_expr(polqual, polrelid),
        pg_get_expr(polwithcheck, polrelid)
      from pg_policy p join pg_class c on c.oid = p.polrelid where c.relnamespace = 'relyt_sys'::regnamespace
      union all
      select 'view', 'app.events_relyt_all', '', pg_get_viewdef('app.events_relyt_all'::regclass), ''
      order by 1, 2, 3`);

  type Definition = Awaited<ReturnType<typeof definitions>>[number];

  /** SQL that makes it what an unpinned creation could have made it. */
  function plantedIn({ kind, relation, name, text, more }: Definition): string {
    if (kind === 'default')
      return `alter table ${relation} alter column ${name} set default public.pass((${text})::${more})`;
    if (kind === 'check')
      return `alter table ${relation} drop constraint ${name};
        alter table ${relation} add constraint ${name} check (public.pass(${text}))`;
    const using = text === null ? '' : ` using (public.pass(${text}))`;
    const check = more === null ? '' : ` with check (public.pass(${more}))`;
    return `alter policy ${name} on ${relation}${using}${check}`;
  }

  test('of every default, check and policy of ours is found, called by none, and init makes them again', async () => {
    const before = await definitions();
    const ours = before.filter(({ kind }) => kind !== 'view');
    expect(ours.length).toBeGreaterThan(engine === 'postgres' ? 38 : 37);
    for (const definition of ours) await database.query(plantedIn(definition));
    await database.query(`alter sequence public.calls restart`);
    for (const { url } of [database, loader]) {
      const report = await examined(url);
      const found = report('foreign code');
      expect(found).toMatchObject({ status: 'failed', code: 'FOREIGN_CODE' });
      for (const { kind, relation, name } of ours) {
        const shown = kind === 'default' ? `for ${relation}.${name} ` : `${name} on ${relation} `;
        expect(found?.message).toContain(shown);
      }
      expect(found?.message).toContain(`public.pass(pg_catalog.anyelement) of "${mallory.name}"`);
      expect(found?.todo).toBe('Run `relyt init` as an administrator: it makes them again.');
      for (const name of ['schema', 'table', 'S3 settings', 'probe load'])
        expect(report(name)).toMatchObject({ status: 'skipped' });
    }
    await init();
    expect(await calls()).toBe(0);
    expect(await definitions()).toEqual(before);
    expect(await step('probe load', loader.url)).toMatchObject({ status: 'ok' });
    expect(await calls()).toBe(0);
  });

  const TABLE = 'relyt_sys.relyt_loader_migration';
  const VIEW = 'app.events_relyt_all';

  /** What only an administrator can judge: SQL that plants it, and the first words of the command of the hint. */
  const OTHERS: Readonly<Record<string, readonly [plant: string, removed: string]>> = {
    'a check': [
      `alter table ${TABLE} add constraint "odd on x" check (public.pass(number) > 0)`,
      `ALTER TABLE ${TABLE} DROP CONSTRAINT "odd on x";`,
    ],
    'a default': [
      `alter table ${TABLE} alter column name set default public.pass('x'::text)`,
      `ALTER TABLE ${TABLE} ALTER COLUMN name DROP DEFAULT;`,
    ],
    'a rule': [
      `create rule odd as on insert to ${TABLE} do also select public.pass(new.number)`,
      `DROP RULE odd ON ${TABLE};`,
    ],
    'a policy': [
      `create policy odd on ${TABLE} using (public.pass(true))`,
      `DROP POLICY odd ON ${TABLE};`,
    ],
    'a trigger': [
      `create trigger odd before insert or update on ${TABLE} for each row execute function public.fire()`,
      `DROP TRIGGER odd ON ${TABLE};`,
    ],
    'an index': [`create index odd on ${TABLE} (public.pass(number))`, 'DROP INDEX relyt_sys.odd;'],
    'a function without a path': [
      'alter function relyt_sys.relyt_loader_task_exists(text) reset search_path',
      'ALTER FUNCTION relyt_sys.relyt_loader_task_exists(pg_catalog.text) SET search_path = pg_catalog, pg_temp;',
    ],
    'a view for a table': [
      `alter table relyt_sys.relyt_loader_location_or_so rename to x;
       create view relyt_sys.relyt_loader_location_or_so as select public.pass(n) as n from relyt_sys.x`,
      'DROP VIEW relyt_sys.relyt_loader_location_or_so;',
    ],
    'the view over a routed table': [
      `do $$ begin execute 'create or replace view ${VIEW} as ' ||
        replace(pg_get_viewdef('${VIEW}'::regclass), '=', 'operator(public.=)'); end $$`,
      `DROP VIEW ${VIEW};`,
    ],
  };

  test.each(Object.entries(OTHERS))(
    '%s: refused, not called, and the hint helps',
    async (_, [planted, removed]) => {
      const before = await definitions();
      if (planted.includes('location_or_so'))
        await database.query('create table relyt_sys.relyt_loader_location_or_so (n int)');
      await database.query(planted);
      await database.query(`alter sequence public.calls restart`);
      const found = await step('foreign code');
      expect(found).toMatchObject({ status: 'failed', code: 'FOREIGN_CODE' });
      const refused = await run(database.url, 'init', '--json');
      expect(refused.code).toBe(1);
      expect(JSON.parse(refused.stdout)).toMatchObject({
        code: 'FOREIGN_CODE',
        message: found.message,
        hint: found.todo,
      });
      const script = await run(database.url, 'init', '--print-sql');
      await expect(database.query(script.stdout)).rejects.toMatchObject({
        message: expect.stringContaining('may run code of others'),
        hint: expect.stringContaining('relyt doctor'),
      });
      const commands = [...(found.todo ?? '').matchAll(/`([^`]+)`/g)].map(([, command]) => command);
      expect(commands[0]).toBe(removed);
      for (const command of commands) {
        if (command?.startsWith('relyt ')) await init(...command.split(' ').slice(2));
        else await database.query(command ?? '');
      }
      expect(await step('foreign code')).toMatchObject({ status: 'ok' });
      expect(await definitions()).toEqual(before);
      expect(await calls()).toBe(0);
    },
  );

  test('would show: the planted objects count when they are used', async () => {
    const [check, , rule] = Object.values(OTHERS);
    await database.query(OTHERS['the view over a routed table']?.[0] ?? '');
    await database.query(`insert into app.events values (1, 'a', 'b')`);
    await database.query(`insert into relyt_sys.events_relyt_routing values ('a', 'c')`);
    const start = await calls();
    await database.query(`select * from ${VIEW}`);
    const afterView = await calls();
    expect(afterView).toBeGreaterThan(start);
    await database.query(rule?.[0] ?? '');
    await database.query(check?.[0] ?? '');
    expect(await calls()).toBeGreaterThan(afterView);
  });

  test('of a column type is found; only the schema made anew helps', async () => {
    await database.query(`create domain public.sly as text check (public.pass(true));
      alter table relyt_sys.relyt_loader_routing alter column main_column type public.sly;
      alter sequence public.calls restart`);
    const found = await step('foreign code');
    expect(found.message).toContain(
      'relyt_sys.relyt_loader_routing.main_column depends on the type public.sly',
    );
    expect(found.todo).toContain('DROP SCHEMA relyt_sys CASCADE;');
    expect((await run(database.url, 'init')).code).toBe(1);
    await database.query('drop schema relyt_sys cascade');
    await init();
    expect(await step('foreign code')).toMatchObject({ status: 'ok' });
    expect(await calls()).toBe(0);
  });

  test('a function of ours that another role owns is found', async () => {
    await database.query(
      `alter function relyt_sys.relyt_loader_task_exists(text) owner to "${mallory.name}"`,
    );
    const { message } = await step('foreign code', loader.url);
    expect(message).toContain(
      `relyt_sys.relyt_loader_task_exists(pg_catalog.text) belongs to "${mallory.name}"`,
    );
    // A superuser does not even look.
    expect(await step('connection')).toMatchObject({
      status: 'failed',
      code: 'OWNER_UNTRUSTED',
      message: expect.stringContaining('function relyt_sys.relyt_loader_task_exists'),
    });
  });

  test('what an administrator added, and types of the user’s own tables, are none', async () => {
    await database.query(`create schema own;
      create function own.audit() returns trigger language plpgsql as 'begin return new; end';
      create trigger audit before insert on ${TABLE} for each row execute function own.audit();
      create type own.mood as enum ('a', 'b');
      alter type own.mood owner to "${mallory.name}";
      create function own.spell(own.mood) returns text language plpgsql immutable as 'begin return $1::name::text; end';
      create cast (own.mood as text) with function own.spell(own.mood);
      create collation own.plain (locale = 'C');
      create domain own.label as text;
      create table app.moods (id own.label primary key, group_id own.mood, name text collate own.plain);
      create table app.labels (id int, group_id own.label collate own.plain)`);
    for (const table of ['app.moods', 'app.labels']) await init('--routing', table, '--view');
    expect(await step('foreign code')).toMatchObject({ status: 'ok' });
    expect(await step('foreign code', loader.url)).toMatchObject({ status: 'ok' });
    await init();
  });
});
