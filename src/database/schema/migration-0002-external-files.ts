/**
 * What the engine `postgres` needs in the database: file_fdw, and functions that let a role without any
 * server-program right open staged files as a foreign table. They run with the rights of their owner, so:
 *
 * - URLs come in through a temporary table the function itself made (COPY data is never logged, a
 *   parameter may be); a table of that name the caller made is refused;
 * - every URL must start with a row of relyt_loader_location and hold no character the shell or curl
 *   would interpret; column types come from the catalogue, never from the caller;
 * - errors are replaced, because the originals quote the command.
 */
export const externalFiles = `
create extension if not exists file_fdw;

do $$
begin
  if not exists (select from pg_catalog.pg_foreign_server where srvname = 'relyt_loader_files') then
    create server relyt_loader_files foreign data wrapper file_fdw;
  end if;
end $$;

create table relyt_sys.relyt_loader_location (
  url_prefix text primary key check (url_prefix ~ '^https?://[A-Za-z0-9.:-]+/' and url_prefix like '%/')
);

create function relyt_sys.relyt_loader_open() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  create temporary table relyt_loader_url (n int primary key, url text not null) on commit drop;
  grant insert on pg_temp.relyt_loader_url to public;
end $$;

create function relyt_sys.relyt_loader_expose(target regclass, columns text[], compressed boolean, as_text boolean)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  urls text;
  refused text;
  definitions text;
  command text;
begin
  if not exists (
    select from pg_class c
    where c.oid = to_regclass('pg_temp.relyt_loader_url')
      and c.relkind = 'r'
      and c.relowner = (select r.oid from pg_roles r where r.rolname = current_user)
  ) then
    raise exception 'call relyt_sys.relyt_loader_open() first' using errcode = '55000';
  end if;

  select substring(u.url from '^[^?]*') into refused
  from pg_temp.relyt_loader_url u
  where u.url !~ '^https?://[A-Za-z0-9.:-]+/[A-Za-z0-9._~/%?&=+,:@-]*$'
     or u.url ~ '(^|[/])[.][.]?([/?]|$)'
     or u.url ~* '%2e|%00|%0a|%0d'
     or not exists (
       select from relyt_sys.relyt_loader_location l
       where left(u.url, length(l.url_prefix)) = l.url_prefix
     )
  limit 1;
  if refused is not null then
    raise exception 'S3 location not allowed: %', refused using errcode = '42501',
      hint = 'Have an administrator allow it: relyt init --allow-location ' || coalesce(substring(refused from '^https?://[^/]+/[^/]+/'), refused);
  end if;

  select string_agg(quote_literal(u.url), ' ' order by u.n) into urls from pg_temp.relyt_loader_url u;
  if urls is null then
    raise exception 'no files to import' using errcode = '55000';
  end if;
  command := 'curl -q -fsS --fail-early --globoff --path-as-is --proto =http,https --max-redirs 0'
    || ' --connect-timeout 10 --speed-limit 1 --speed-time 60'
    || case when compressed then ' --compressed ' else ' ' end || urls;
  if octet_length(command) > 120000 then
    raise exception 'too many files for one import: the command has % bytes of 120000', octet_length(command)
      using errcode = '54000';
  end if;

  select string_agg(
    quote_ident(a.attname) || ' ' || case when as_text then 'text' else format_type(a.atttypid, a.atttypmod) end,
    ', ' order by wanted.n)
  into definitions
  from unnest(columns) with ordinality as wanted (name, n)
  join pg_attribute a on a.attrelid = target and a.attname = wanted.name and a.attnum > 0 and not a.attisdropped;

  begin
    execute 'create foreign table pg_temp.relyt_loader_external ("relyt ordinal" bigint, ' || definitions || ')'
      || ' server relyt_loader_files options (format ''csv'', encoding ''UTF8'', program ' || quote_literal(command) || ')';
  exception when others then
    raise exception 'could not create the external table [%]', sqlstate using errcode = sqlstate;
  end;
  grant select on pg_temp.relyt_loader_external to public;
  drop table pg_temp.relyt_loader_url;
end $$;

create function relyt_sys.relyt_loader_close() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  drop foreign table pg_temp.relyt_loader_external;
end $$;

revoke execute on function relyt_sys.relyt_loader_open() from public;
revoke execute on function relyt_sys.relyt_loader_expose(regclass, text[], boolean, boolean) from public;
revoke execute on function relyt_sys.relyt_loader_close() from public;
`;
