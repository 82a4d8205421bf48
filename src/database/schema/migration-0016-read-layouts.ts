/**
 * The engine `postgres` reads two layouts: CSV, and tuples of binary COPY, of which a column may be text. The files of
 * an import are one stream, so they hold tuples only, and the program writes the header once. The function of migration
 * 10 stays for older loaders; who may call it may call this one.
 */
export const layouts = `
create function relyt_sys.relyt_loader_expose(target regclass, columns text[], compressed boolean, format text, as_text boolean[])
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  refused text;
  definitions text;
  place text;
  -- Binary files hold tuples only, so that curl may write one after the other.
  header text := case when format = 'binary' then 'printf ''PGCOPY\\n\\377\\r\\n\\000\\000\\000\\000\\000\\000\\000\\000\\000'' && ' else '' end;
begin
  if format not in ('csv', 'binary') or cardinality(as_text) is distinct from cardinality(columns) then
    raise exception 'not a layout' using errcode = '22023';
  end if;
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
  if exists (
    select from pg_temp.relyt_loader_url u
    where u.etag !~ '^"[A-Za-z0-9+/=._:,;@~-]{1,200}"$' or u.stored_bytes < 0
  ) then
    raise exception 'not an ETag or a number of bytes' using errcode = '22023';
  end if;
  if not exists (select from pg_temp.relyt_loader_url) then
    raise exception 'no files to import' using errcode = '55000';
  end if;

  place := 'base/pgsql_tmp/pgsql_tmp_relyt_' || pg_backend_pid() || '_';
  -- No error of these two may say more than its code.
  begin
    execute 'copy (
      select o.line
      from pg_temp.relyt_loader_url u
      cross join lateral (values
        (1, case when u.n > (select min(f.n) from pg_temp.relyt_loader_url f) then ''next'' end),
        (2, ''url = "'' || u.url || ''"''),
        (3, ''header = If-Match:'' || u.etag),
        (4, ''dump-header = ' || place || ''' || case when u.etag is not null then u.n end),
        (4, ''max-filesize = '' || u.stored_bytes),
        (5, ''fail''), (6, ''globoff''), (7, ''path-as-is''), (8, ''proto = "=http,https"''),
        (9, ''location''), (10, ''max-redirs = 0''),
        (11, ''connect-timeout = 10''), (12, ''speed-limit = 1''), (13, ''speed-time = 60''),
        (14, ' || case when compressed then '''compressed''' else 'null' end || ')
      ) o (n, line)
      where o.line is not null
      order by u.n, o.n
    ) to program ' || quote_literal('mkdir -p base/pgsql_tmp && umask 077'
      || ' && { find base/pgsql_tmp -maxdepth 1 -name "pgsql_tmp_relyt_*" -mmin +1440 -exec rm -f {} + 2>/dev/null; rm -f ' || place || '*; cat > ' || place || 'urls; }');
  exception when others then
    raise exception 'could not hand the files over to curl [%]', sqlstate using errcode = sqlstate;
  end;

  -- A binary form is that of the type a domain is made of, without a modifier: its receive function would apply it.
  select string_agg(quote_ident(a.attname) || ' ' || case
      when as_text[wanted.n] then 'text'
      when format = 'csv' then format_type(a.atttypid, a.atttypmod)
      else (
        with recursive domain (oid, base) as (
          select t.oid, t.typbasetype from pg_type t where t.oid = a.atttypid
          union all
          select t.oid, t.typbasetype from domain d join pg_type t on t.oid = d.base
        )
        select quote_ident(ns.nspname) || '.' || quote_ident(t.typname)
        from domain d join pg_type t on t.oid = d.oid join pg_namespace ns on ns.oid = t.typnamespace
        where d.base = 0
      ) end, ', ' order by wanted.n)
  into definitions
  from unnest(columns) with ordinality as wanted (name, n)
  join pg_attribute a on a.attrelid = target and a.attname = wanted.name and a.attnum > 0 and not a.attisdropped;

  begin
    execute 'create foreign table pg_temp.relyt_loader_external ("relyt ordinal" bigint, ' || definitions || ')'
      || ' server relyt_loader_files options (format ' || quote_literal(format) || ', encoding ''UTF8'', program '
      || quote_literal(header || 'exec < ' || place || 'urls && rm -f ' || place || 'urls && exec curl -q -sS --fail-early -K -') || ')';
  exception when others then
    raise exception 'could not create the external table [%]', sqlstate using errcode = sqlstate;
  end;
  grant select on pg_temp.relyt_loader_external to public;
  create temporary table relyt_loader_answer on commit drop as
    select u.n, u.etag from pg_temp.relyt_loader_url u where u.etag is not null;
  drop table pg_temp.relyt_loader_url;
end $$;

revoke execute on function relyt_sys.relyt_loader_expose(regclass, text[], boolean, text, boolean[]) from public;

do $$
declare
  granted record;
begin
  for granted in
    select distinct a.grantee from pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a
    where p.oid = 'relyt_sys.relyt_loader_expose(regclass, text[], boolean, boolean)'::regprocedure
      and a.privilege_type = 'EXECUTE' and a.grantee <> 0 and a.grantee <> p.proowner
  loop
    execute 'grant execute on function relyt_sys.relyt_loader_expose(regclass, text[], boolean, text, boolean[]) to '
      || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(granted.grantee));
  end loop;
end $$;
`;
