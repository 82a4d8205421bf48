import { grantLike } from './grant-like.ts';
import { HAND_OVER, HAND_OVER_VARIABLES } from './migration-0010-downloads.ts';

const EARLIER = 'relyt_sys.relyt_loader_expose(regclass, text[], boolean, boolean)';
const EXPOSE = 'relyt_sys.relyt_loader_expose(regclass, text[], boolean, text, boolean[])';

/**
 * The engine `postgres` reads two layouts: CSV, and tuples of binary COPY, of which a column may be text. The files of
 * an import are one stream, so they hold tuples only, and the program writes the header once. The function of migration
 * 10 stays for older loaders; the roles that may call it may call this one.
 */
export const layouts = `
create function relyt_sys.relyt_loader_expose(target regclass, columns text[], compressed boolean, format text, as_text boolean[])
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
${HAND_OVER_VARIABLES}  -- Binary files hold tuples only, so that curl may write one after the other.
  header text := case when format = 'binary' then 'printf ''PGCOPY\\n\\377\\r\\n\\000\\000\\000\\000\\000\\000\\000\\000\\000'' && ' else '' end;
begin
  if format not in ('csv', 'binary') or cardinality(as_text) is distinct from cardinality(columns) then
    raise exception 'not a layout' using errcode = '22023';
  end if;
${HAND_OVER}  -- A binary form is that of the type a domain is made of, without a modifier: its receive function would apply it.
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

create or replace function relyt_sys.relyt_loader_expose(target regclass, columns text[], compressed boolean, as_text boolean)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform relyt_sys.relyt_loader_expose(target, columns, compressed, 'csv', array_fill(as_text, array[cardinality(columns)]));
end $$;

revoke execute on function ${EXPOSE} from public;

-- The table of URLs is that of the owner of all these functions, whatever role upgrades them.
do $$
declare
  owner name := (
    select pg_catalog.pg_get_userbyid(p.proowner) from pg_catalog.pg_proc p
    where p.oid operator(pg_catalog.=) '${EARLIER}'::pg_catalog.regprocedure
  );
begin
  if owner operator(pg_catalog.<>) current_user then
    execute pg_catalog.format('alter function ${EXPOSE} owner to %I', owner);
  end if;
end $$;
${grantLike({
  acl: `select p.proacl as acl, p.proowner as owner from pg_catalog.pg_proc p where p.oid operator(pg_catalog.=) '${EARLIER}'::pg_catalog.regprocedure`,
  privilege: 'EXECUTE',
  grants: [`execute on function ${EXPOSE}`],
})}`;
