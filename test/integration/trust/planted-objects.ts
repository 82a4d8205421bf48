/** Objects that anybody with CREATE on a schema could make: whoever looks a name up by the search path meets them. */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestDatabase } from '../../support/database.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Every word of our sources and of the recorded statements: the names our SQL can use are among them. */
export function wordsOfOurSql(): readonly string[] {
  const folders = ['src', 'test/unit/explain/goldens'];
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|sql)$/.test(name))
      .map((name) => path.join(ROOT, folder, name)),
  );
  const words = files.flatMap(
    (file) => readFileSync(file, 'utf8').match(/[a-z_][a-z0-9_]*/g) ?? [],
  );
  return [...new Set(words)];
}

/** PL/pgSQL of whatever is planted in a schema: the sequence counts calls even where an error is swallowed or rolled back. */
const trap = (schema: string) => `begin perform ${schema}.spring(); end`;

async function prepare(database: TestDatabase, schema: string): Promise<void> {
  await database.query(`create schema ${schema}`);
  await database.query(`create sequence ${schema}.calls`);
  await database.query(`create function ${schema}.spring() returns void language plpgsql as $f$
    begin
      perform pg_catalog.nextval('${schema}.calls');
      raise exception 'planted: something of ${schema} was called';
    end $f$`);
}

/**
 * Plants in `schema` what pg_catalog has under these names: functions and operators of the same arguments, types that
 * are domains with a trap for a check, and tables without a useful column.
 */
export async function plantTwins(
  database: TestDatabase,
  schema: string,
  words: readonly string[],
): Promise<PlantedCounts> {
  await prepare(database, schema);
  await database.query(`create table ${schema}.planted (kind text)`);
  await database.query(
    `create function ${schema}.refuse(anyelement) returns boolean language plpgsql as $f$ ${trap(schema)} $f$`,
  );
  await database.query(`do $plant$
declare
  o record;
  words text[] := '{${words.join(',')}}';
begin
  for o in
    select p.proname, pg_get_function_identity_arguments(p.oid) as arguments, pg_get_function_result(p.oid) as result
    from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind <> 'p' and p.proname = any(words)
  loop
    begin
      execute format('create function ${schema}.%I(%s) returns %s language plpgsql as $f$ ${trap(schema)} $f$',
                     o.proname, o.arguments, o.result);
      insert into ${schema}.planted values ('function');
    exception when others then null; -- pseudo-types that PL/pgSQL does not take
    end;
  end loop;
  for o in select * from pg_operator where oprnamespace = 'pg_catalog'::regnamespace and oprright <> 0 loop
    begin
      execute format('create function ${schema}.op_%s(%s) returns %s language plpgsql as $f$ ${trap(schema)} $f$', o.oid,
        concat_ws(', ', case when o.oprleft <> 0 then o.oprleft::regtype end, o.oprright::regtype), o.oprresult::regtype);
      execute format('create operator ${schema}.%s (%s rightarg = %s, procedure = ${schema}.op_%s)', o.oprname,
        case when o.oprleft <> 0 then 'leftarg = ' || o.oprleft::regtype || ',' else '' end, o.oprright::regtype, o.oid);
      insert into ${schema}.planted values ('operator');
    exception when others then null;
    end;
  end loop;
  for o in select relname from pg_class where relnamespace = 'pg_catalog'::regnamespace and relkind in ('r', 'v')
           union select word from unnest(words) as word where word ~ '^(relyt|sdk)_[a-z_]+$' and word <> 'relyt_sys'
  loop
    execute format('create table ${schema}.%I (planted int)', o.relname);
    insert into ${schema}.planted values ('table');
  end loop;
  -- Last, because from here on a type's name is ambiguous for whoever looks it up.
  for o in
    select t.typname from pg_type t
    where t.typnamespace = 'pg_catalog'::regnamespace and t.typtype = 'b' and t.typname !~ '^_' and t.typname = any(words)
  loop
    execute format('create domain ${schema}.%I as pg_catalog.%I check (${schema}.refuse(value))', o.typname, o.typname);
    insert into ${schema}.planted values ('type');
  end loop;
end $plant$`);
  return counts(database, schema);
}

/**
 * Plants in `schema` operators for all pairs of the types our SQL compares that pg_catalog has no operator for: where
 * the two are converted first, an operator of exactly these types fits better, however late its schema is looked at.
 */
export async function plantBetterFits(database: TestDatabase, schema: string): Promise<number> {
  await prepare(database, schema);
  await database.query(`do $plant$
declare
  types text[] := '{oid,regclass,regprocedure,regnamespace,name,text,varchar,bool,int2,int4,int8,numeric,float8,xid,timestamptz,interval,json,jsonb,text[],name[],int8[]}';
  a text; b text; op text; n int := 0;
begin
  foreach a in array types loop foreach b in array types loop
    n := n + 1;
    execute format('create function ${schema}.fit_%s(%s, %s) returns boolean language plpgsql as $f$ ${trap(schema)} $f$', n, a, b);
    foreach op in array '{=,<>,<,<=,>,>=,||,~,+,-,*,/,%,->>}'::text[] loop
      if not exists (select from pg_operator o where o.oprname = op and o.oprnamespace = 'pg_catalog'::regnamespace
                       and o.oprleft = a::regtype and o.oprright = b::regtype) then
        execute format('create operator ${schema}.%s (leftarg = %s, rightarg = %s, procedure = ${schema}.fit_%s)', op, a, b, n);
      end if;
    end loop;
  end loop; end loop;
end $plant$`);
  const [made] = await database.query<{ n: number }>(
    `select count(*)::int as n from pg_operator where oprnamespace = '${schema}'::regnamespace`,
  );
  return made?.n ?? 0;
}

/** Types that our SQL casts from and to. */
const CAST_TYPES =
  'text,name,int4,int8,numeric,float8,bool,oid,regclass,json,jsonb,timestamptz,interval,bytea'.split(
    ',',
  );

/**
 * Plants in `schema` a type of a role's own with implicit casts from and to all types that our SQL casts, and with
 * operators and functions of the names it uses: whatever resolves by converting its arguments first could take them.
 */
export async function plantCasts(
  database: TestDatabase,
  schema: string,
  words: readonly string[],
): Promise<number> {
  await prepare(database, schema);
  await database.query(`create type ${schema}.sly as (x int)`);
  for (const [n, type] of CAST_TYPES.entries()) {
    for (const [from, to] of [
      [`pg_catalog.${type}`, `${schema}.sly`],
      [`${schema}.sly`, `pg_catalog.${type}`],
    ] as const) {
      const name = `${schema}.cast_${n}_${from.startsWith('pg_catalog') ? 'in' : 'out'}`;
      await database.query(
        `create function ${name}(${from}) returns ${to} language plpgsql as $f$ ${trap(schema)} $f$`,
      );
      const how = n % 2 === 0 ? 'implicit' : 'assignment';
      await database.query(
        `create cast (${from} as ${to}) with function ${name}(${from}) as ${how}`,
      );
    }
  }
  await database.query(`do $plant$
declare op text; word text;
begin
  create function ${schema}.of_two(${schema}.sly, ${schema}.sly) returns boolean language plpgsql as $f$ ${trap(schema)} $f$;
  foreach op in array '{=,<>,<,<=,>,>=,||,~,+,-,*,/,%,->,->>}'::text[] loop
    execute format('create operator ${schema}.%s (leftarg = ${schema}.sly, rightarg = ${schema}.sly, procedure = ${schema}.of_two)', op);
  end loop;
  for word in select distinct p.proname from pg_proc p
    where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f' and p.proname = any('{${words.join(',')}}')
  loop
    execute format('create function ${schema}.%I(${schema}.sly) returns text language plpgsql as $f$ ${trap(schema)} $f$', word);
  end loop;
end $plant$`);
  const [made] = await database.query<{ n: number }>(
    `select count(*)::int as n from pg_cast c
     where '${schema}.sly'::regtype in (c.castsource, c.casttarget)`,
  );
  return made?.n ?? 0;
}

/** Their own names cannot be taken twice: an import that meets one fails, and says so. */
const OUR_TEMPORARY = 'answer,bad,external,keys,location,row,settings,url'
  .split(',')
  .map((name) => `relyt_loader_${name}`);

/**
 * What the client before left in a session that a pooler gives on: temporary tables and types of every name our SQL
 * and the catalogue have, as a body of PL/pgSQL. Functions and operators of pg_temp are found by no name without its schema.
 */
export function temporaryTwins(words: readonly string[]): string {
  return `declare o record; words text[] := '{${words.join(',')}}';
begin
  for o in
    select relname from pg_catalog.pg_class where relnamespace = 'pg_catalog'::pg_catalog.regnamespace and relkind in ('r', 'v')
    union select word from pg_catalog.unnest(words) as word
      where word ~ '^(relyt|sdk)_[a-z_]+$' and word <> all ('{relyt_sys,${OUR_TEMPORARY.join(',')}}')
  loop
    begin
      execute pg_catalog.format('create temporary table %I (planted int)', o.relname);
    exception when duplicate_table then null;
    end;
  end loop;
  for o in
    select t.typname from pg_catalog.pg_type t where t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
      and t.typtype = 'b' and t.typname !~ '^_' and t.typname = any(words)
  loop
    execute pg_catalog.format('create domain pg_temp.%I as pg_catalog.%I check (false)', o.typname, o.typname);
  end loop;
end`;
}

export type PlantedCounts = Readonly<Record<'function' | 'operator' | 'table' | 'type', number>>;

async function counts(database: TestDatabase, schema: string): Promise<PlantedCounts> {
  const rows = await database.query<{ kind: keyof PlantedCounts; n: number }>(
    `select kind, count(*)::int as n from ${schema}.planted group by kind`,
  );
  const found = Object.fromEntries(rows.map(({ kind, n }) => [kind, n]));
  return { function: 0, operator: 0, table: 0, type: 0, ...found };
}

/** How often something planted there was called; rolled back or not. */
export async function callsOf(database: TestDatabase, schema: string): Promise<number> {
  const [row] = await database.query<{ calls: number }>(
    `select case when is_called then last_value::int else 0 end as calls from ${schema}.calls`,
  );
  return row?.calls ?? Number.NaN;
}
