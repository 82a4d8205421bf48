/**
 * Downloads of the engine `postgres` without a URL in any statement: URLs come in as COPY data, and leave their table
 * as curl's configuration, which goes to a file and from there to curl's standard input. So none stands in a
 * statement, a parameter, a parse tree, the catalogue or a list of processes, whatever the server logs.
 *
 * - Every line of the configuration is made here. URL and ETag can hold no blank, quote, backslash or line end, and
 *   the program text is made of constants and numbers.
 * - The file stands among PostgreSQL's own temporary files, which nobody else may read and a restart removes. The
 *   program unlinks it before curl reads it; what an aborted import leaves is swept a day later.
 * - Each URL has its own If-Match: an object that is not the one that was staged is not read. A redirect is an error,
 *   since the body of its answer is no data. --next resets all options but the first two.
 */
export const downloads = `
create or replace function relyt_sys.relyt_loader_open() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  create temporary table relyt_loader_url (n int primary key, url text not null, etag text, stored_bytes bigint) on commit drop;
  grant insert on pg_temp.relyt_loader_url to public;
end $$;

create or replace function relyt_sys.relyt_loader_expose(target regclass, columns text[], compressed boolean, as_text boolean)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  refused text;
  definitions text;
  place text;
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
  if exists (
    select from pg_temp.relyt_loader_url u
    where u.etag !~ '^"[A-Za-z0-9+/=._:,;@~-]{1,200}"$' or u.stored_bytes < 0
  ) then
    raise exception 'not an ETag or a number of bytes' using errcode = '22023';
  end if;
  if not exists (select from pg_temp.relyt_loader_url) then
    raise exception 'no files to import' using errcode = '55000';
  end if;

  place := 'base/pgsql_tmp/pgsql_tmp_relyt_' || pg_backend_pid() || '_'
    || (extract(epoch from clock_timestamp()) * 1000000)::bigint;
  -- No error of these two may say more than its code.
  begin
    execute 'copy (
      select o.line
      from pg_temp.relyt_loader_url u
      cross join lateral (values
        (1, case when u.n > (select min(f.n) from pg_temp.relyt_loader_url f) then ''next'' end),
        (2, ''url = "'' || u.url || ''"''),
        (3, ''header = If-Match:'' || u.etag),
        (4, ''max-filesize = '' || u.stored_bytes),
        (5, ''fail''), (6, ''globoff''), (7, ''path-as-is''), (8, ''proto = "=http,https"''),
        (9, ''location''), (10, ''max-redirs = 0''),
        (11, ''connect-timeout = 10''), (12, ''speed-limit = 1''), (13, ''speed-time = 60''),
        (14, ' || case when compressed then '''compressed''' else 'null' end || ')
      ) o (n, line)
      where o.line is not null
      order by u.n, o.n
    ) to program ' || quote_literal('mkdir -p base/pgsql_tmp && umask 077'
      || ' && { find base/pgsql_tmp -maxdepth 1 -name "pgsql_tmp_relyt_*" -mmin +1440 -exec rm -f {} + 2>/dev/null; cat > ' || place || '; }');
  exception when others then
    raise exception 'could not hand the files over to curl [%]', sqlstate using errcode = sqlstate;
  end;

  select string_agg(
    quote_ident(a.attname) || ' ' || case when as_text then 'text' else format_type(a.atttypid, a.atttypmod) end,
    ', ' order by wanted.n)
  into definitions
  from unnest(columns) with ordinality as wanted (name, n)
  join pg_attribute a on a.attrelid = target and a.attname = wanted.name and a.attnum > 0 and not a.attisdropped;

  begin
    execute 'create foreign table pg_temp.relyt_loader_external ("relyt ordinal" bigint, ' || definitions || ')'
      || ' server relyt_loader_files options (format ''csv'', encoding ''UTF8'', program '
      || quote_literal('exec < ' || place || ' && rm -f ' || place || ' && exec curl -q -sS --fail-early -K -') || ')';
  exception when others then
    raise exception 'could not create the external table [%]', sqlstate using errcode = sqlstate;
  end;
  grant select on pg_temp.relyt_loader_external to public;
  drop table pg_temp.relyt_loader_url;
end $$;
`;
