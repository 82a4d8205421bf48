/** What `HAND_OVER` and the statements behind it use. */
export const HAND_OVER_VARIABLES = `  refused text;
  definitions text;
  place text;
`;

/**
 * The body of a function that exposes files, up to where curl's configuration is written: the checks of what the caller
 * put into the table of URLs, and the hand-over. It may use `refused`, `compressed` and `place`.
 */
export const HAND_OVER = `  if not exists (
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

`;

/**
 * Downloads of the engine `postgres` without a URL in any statement: URLs come in as COPY data, and leave their table
 * as curl's configuration, which goes to a file and from there to curl's standard input. So none stands in a
 * statement, a parameter, a parse tree, the catalogue or a list of processes, whatever the server logs.
 *
 * - Every line of the configuration is made here. URL and ETag can hold no blank, quote, backslash or line end, and
 *   the program text is made of constants and numbers.
 * - The file stands among PostgreSQL's own temporary files, which only the server's user may read and a restart removes. The
 *   program unlinks it before curl reads it; what an aborted import leaves is swept a day later.
 * - Each URL has its own If-Match: an object that is not the one that was staged is not read. A redirect is an error,
 *   since the body of its answer is not data. "next" resets all options but those of the command line.
 * - A cache on the way may know no If-Match and give one object for all. So the heads of the answers are kept, and the
 *   import fails (RL005, the DETAIL is the number of the file) unless each names the ETag that was staged.
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
${HAND_OVER_VARIABLES}begin
${HAND_OVER}  select string_agg(
    quote_ident(a.attname) || ' ' || case when as_text then 'text' else format_type(a.atttypid, a.atttypmod) end,
    ', ' order by wanted.n)
  into definitions
  from unnest(columns) with ordinality as wanted (name, n)
  join pg_attribute a on a.attrelid = target and a.attname = wanted.name and a.attnum > 0 and not a.attisdropped;

  begin
    execute 'create foreign table pg_temp.relyt_loader_external ("relyt ordinal" bigint, ' || definitions || ')'
      || ' server relyt_loader_files options (format ''csv'', encoding ''UTF8'', program '
      || quote_literal('exec < ' || place || 'urls && rm -f ' || place || 'urls && exec curl -q -sS --fail-early -K -') || ')';
  exception when others then
    raise exception 'could not create the external table [%]', sqlstate using errcode = sqlstate;
  end;
  grant select on pg_temp.relyt_loader_external to public;
  create temporary table relyt_loader_answer on commit drop as
    select u.n, u.etag from pg_temp.relyt_loader_url u where u.etag is not null;
  drop table pg_temp.relyt_loader_url;
end $$;

create or replace function relyt_sys.relyt_loader_close() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  place text := 'base/pgsql_tmp/pgsql_tmp_relyt_' || pg_backend_pid() || '_';
  expected record;
  found boolean;
begin
  drop foreign table pg_temp.relyt_loader_external;
  if not exists (
    select from pg_class c
    where c.oid = to_regclass('pg_temp.relyt_loader_answer')
      and c.relkind = 'r'
      and c.relowner = (select r.oid from pg_roles r where r.rolname = current_user)
  ) then
    raise exception 'call relyt_sys.relyt_loader_expose() first' using errcode = '55000';
  end if;
  for expected in select a.n, a.etag from pg_temp.relyt_loader_answer a order by a.n loop
    -- The last head counts: a proxy may have answered before the server.
    select bool_or(h.line ~ '^HTTP/[0-9.]+ 200') and bool_or(lower(left(h.line, 5)) = 'etag:'
      and regexp_replace(substr(h.line, 6), '^ *(W/)?"?|"? *$', '', 'g') = btrim(expected.etag, '"'))
    into found
    from (
      select l.line, l.n, max(case when l.line like 'HTTP/%' then l.n end) over () as last_head
      from regexp_split_to_table(encode(pg_read_binary_file(place || expected.n), 'escape'), chr(13) || '?' || chr(10))
        with ordinality as l (line, n)
    ) h
    where h.n >= h.last_head;
    if found is not true then
      raise exception 'S3 did not answer with the object that was staged' using errcode = 'RL005', detail = expected.n::text;
    end if;
  end loop;
  drop table pg_temp.relyt_loader_answer;
  execute 'copy (select 1) to program ' || quote_literal('cat > /dev/null; rm -f ' || place || '*');
end $$;
`;
