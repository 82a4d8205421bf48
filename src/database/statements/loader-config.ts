/**
 * LOADER_CONFIG() and the table under it, as SQL.
 *
 * The secret stays in a table only its owner may read; the function, with its owner's rights, is what
 * roles are granted. A function body would be readable by everybody, in pg_proc.
 */

import { SQLSTATE } from '../../core/sqlstate.ts';
import { unpadded } from '../padded-text.ts';
import { literal, qualified, type Statement } from '../statement.ts';

/** Names of the settings, in the order of LOADER_CONFIG()'s columns, and the type of each column. */
const SETTING_TYPES: Readonly<Record<string, 'text' | 'int'>> = {
  endpoint: 'text',
  region: 'text',
  bucket_name: 'text',
  prefix: 'text',
  access_key: 'text',
  secret_key: 'text',
  concurrency: 'int',
  part_size: 'int',
  import_timeout: 'int',
  import_error_sleep_time: 'int',
};

export interface FunctionName {
  readonly schema: string;
  readonly name: string;
}

/** Where S3 settings are looked for, and which roles to trust besides superusers and the owner of relyt_sys. */
export interface TrustedConfig {
  /** Instead of what is in relyt_sys. */
  readonly loaderConfig?: FunctionName | undefined;
  readonly loaderConfigOwner?: string | undefined;
}

const NAMES = Object.keys(SETTING_TYPES);
const FUNCTION = 'relyt_sys.loader_config()';
const TABLE = 'relyt_sys.sdk_loader_config';

/** Two installers at once would delete each other's rows unseen and then collide. */
export const LOCK_SETTINGS = `lock table ${TABLE} in share row exclusive mode`;

/** Output columns instead of a composite type: databases of the Go SDK have types of that name with fewer columns. */
function createFunctionSql(): string {
  const columns = NAMES.map((name) => `out ${name} ${SETTING_TYPES[name]}`);
  const values = NAMES.map((name) => {
    const value = SETTING_TYPES[name] === 'int' ? 'config_value::int' : 'config_value';
    return `max(${value}) filter (where name = '${name}')`;
  });
  return `create or replace function relyt_sys.loader_config(${columns.join(', ')}) returns record
language sql stable security definer set search_path = pg_catalog, pg_temp as $loader_config$
  select ${values.join(',\n         ')}
  from (select lower(config_name) as name, config_value from ${TABLE}) c
$loader_config$`;
}

/**
 * Makes LOADER_CONFIG() the function over the table. What another function of that name returned, or, with an
 * empty table, what the one that is named returns, moves into the table first. A role that was granted the old
 * function keeps it, its owner included; PUBLIC does not.
 *
 * @param replace false: a function that is there stays as it is.
 */
export function defineFunctionSql(
  replace: boolean,
  { loaderConfig, loaderConfigOwner }: TrustedConfig,
): string {
  const source = loaderConfig && qualified(loaderConfig.schema, loaderConfig.name);
  return `do ${literal(`
declare
  existing regprocedure := to_regprocedure('${FUNCTION}');
  source regprocedure${source === undefined ? '' : ` := ${literal(`${source}()`)}::regprocedure`};
  settings json;
  grants text[];
  statement text;
begin
${refuseStrangers(loaderConfigOwner)}
  if existing is not null and not ${replace} then
    return;
  end if;
${takeOldSettings(replace)}
${dropOldFunction()}
  execute ${literal(createFunctionSql())};
  revoke execute on function ${FUNCTION} from public;
  foreach statement in array coalesce(grants, '{}') loop
    execute statement;
  end loop;
end`)}`;
}

/** PL/pgSQL: a role that may replace what is called here, or read the table, has the rights of the role that runs this. */
function refuseStrangers(loaderConfigOwner: string | undefined): string {
  const named = loaderConfigOwner === undefined ? '' : `, ${literal(loaderConfigOwner)}`;
  return `  select format('%s belongs to %I', o.object, r.rolname) into statement
  from (
    select p.oid::regprocedure::text as object, p.proowner as owner from pg_catalog.pg_proc p where p.oid in (existing, source)
    union all
    select c.oid::regclass::text, c.relowner from pg_catalog.pg_class c where c.oid = '${TABLE}'::regclass
  ) o
  join pg_catalog.pg_roles r on r.oid = o.owner
  where not r.rolsuper and r.rolname not in (current_user${named})
    and r.oid <> (select s.nspowner from pg_catalog.pg_namespace s where s.nspname = 'relyt_sys')
  limit 1;
  if statement is not null then
    raise exception '%', statement using errcode = '${SQLSTATE.untrustedOwner}';
  end if;`;
}

/** PL/pgSQL: what an older function returns moves into the table. */
function takeOldSettings(replace: boolean): string {
  return `  if existing is not null then
    source := null;
    if (select strpos(lower(prosrc), 'sdk_loader_config') = 0 from pg_catalog.pg_proc where oid = existing) then
      source := existing;
    end if;
  elsif not ${replace} or exists (select from ${TABLE}) then
    source := null;
  end if;
  if source is not null then
    execute format('select pg_catalog.row_to_json(c) from %s c', source) into settings;
    delete from ${TABLE} where lower(config_name) in (select json_object_keys(settings));
    insert into ${TABLE} (config_name, config_value)
    select key, value from json_each_text(settings) where value is not null;
  end if;`;
}

/** PL/pgSQL: a function with other columns cannot be replaced, so it is dropped, and its grants are kept. */
function dropOldFunction(): string {
  return `  if exists (
    select from pg_catalog.pg_proc where oid = existing
      and (prorettype <> 'record'::regtype or proargnames is distinct from ${namesArray()})
  ) then
    select array_agg(format('grant execute on function ${FUNCTION} to %I%s', pg_get_userbyid(holder),
                            case when bool_or_grantable then ' with grant option' else '' end))
    into grants
    from (
      select holder, bool_or(grantable) as bool_or_grantable
      from (
        select a.grantee as holder, a.is_grantable and a.grantee <> p.proowner as grantable
        from pg_catalog.pg_proc p, aclexplode(p.proacl) a
        where p.oid = existing and a.privilege_type = 'EXECUTE' and a.grantee <> 0
        union all
        select proowner, false from pg_catalog.pg_proc where oid = existing
      ) every
      where holder <> (select oid from pg_catalog.pg_roles where rolname = current_user)
      group by holder
    ) holders;
    execute format('drop function %s', existing);
  end if;`;
}

function namesArray(): string {
  return `array[${NAMES.map((name) => `'${name}'`).join(', ')}]`;
}

/** Whether everybody may call the function, that is read the secret. */
export const functionIsPublic = (): Statement => ({
  name: 'functionIsPublic',
  text: `select exists (
  select from pg_catalog.pg_proc p
  where p.oid = to_regprocedure('${FUNCTION}')
    and (p.proacl is null
         or exists (select from aclexplode(p.proacl) a where a.grantee = 0 and a.privilege_type = 'EXECUTE'))
) as public`,
});

export function grantFunctionSql(quotedRole: string): string {
  return `grant execute on function ${FUNCTION} to ${quotedRole}`;
}

/** Rows of these settings, however their names are spelled. Other rows are not ours to touch. */
export const deleteSettings = (names: readonly string[]): Statement => ({
  name: 'deleteSettings',
  text: `delete from ${TABLE} where lower(config_name) = any($1)`,
  values: [names],
});

const GIVEN_TABLE = 'pg_temp.relyt_loader_settings';

export const createGivenSettings = (): Statement => ({
  name: 'createGivenSettings',
  text: 'create temporary table relyt_loader_settings (config_name text, config_value text) on commit drop',
});

/** For names, and values that are padded. */
export const copyGivenSettings = (): Statement => ({
  name: 'copyGivenSettings',
  text: `copy ${GIVEN_TABLE} (config_name, config_value) from stdin`,
});

export const storeGivenSettings = (): Statement => ({
  name: 'storeGivenSettings',
  text: `insert into ${TABLE} (config_name, config_value)
select config_name, ${unpadded('config_value')} from ${GIVEN_TABLE}`,
});

/** Statements that set one value, for a script. */
export function setSettingSql(name: string, value: string): string {
  return `delete from ${TABLE} where lower(config_name) = ${literal(name)};
insert into ${TABLE} (config_name, config_value) values (${literal(name)}, ${literal(value)});`;
}

/** Calls one of the forms of LOADER_CONFIG. As JSON: early databases have six or eight columns, the newest ten. */
export const callFunction = ({ schema, name }: FunctionName): Statement => ({
  name: 'callFunction',
  text: `select pg_catalog.row_to_json(c) as config from ${qualified(schema, name)}() c`,
});

/** Of a function or table whose settings are trusted only if its owner is. */
export interface OwnerRow {
  readonly owner: string;
  readonly trusted: boolean;
}

const OWNER = (loaderConfigOwner: string) => `r.rolname::text as owner,
       coalesce(r.rolsuper or r.oid = s.nspowner or r.rolname = ${loaderConfigOwner}, false) as trusted`;

/** No row when there is no such function without arguments. */
export const ownerOfFunction = (
  { schema, name }: FunctionName,
  loaderConfigOwner: string | undefined,
): Statement => ({
  name: 'ownerOfFunction',
  text: `select ${OWNER('$3')}
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_roles r on r.oid = p.proowner
left join pg_catalog.pg_namespace s on s.nspname = 'relyt_sys'
where n.nspname = $1 and p.proname = $2 and p.pronargs = 0`,
  values: [schema, name, loaderConfigOwner ?? null],
});

/** No row when there is no table of settings. */
export const ownerOfSettings = (loaderConfigOwner: string | undefined): Statement => ({
  name: 'ownerOfSettings',
  text: `select ${OWNER('$1')}
from pg_catalog.pg_class c
join pg_catalog.pg_namespace s on s.oid = c.relnamespace
join pg_catalog.pg_roles r on r.oid = c.relowner
where s.nspname = 'relyt_sys' and c.relname = 'sdk_loader_config'`,
  values: [loaderConfigOwner ?? null],
});

export const readSettings = (): Statement => ({
  name: 'readSettings',
  text: `select json_object(array_agg(lower(config_name)), array_agg(config_value)) as config
from ${TABLE} having count(*) > 0`,
});
