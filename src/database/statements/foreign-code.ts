import { AUXILIARY_SUFFIX, ROUTING_SUFFIX, VIEW_SUFFIX } from '../../core/routing-suffixes.ts';
import type { Statement } from '../statement.ts';

/** Views over routed tables, with the main table's name, and all tables that they are there to read. */
const VIEWS = `view as (
  select v.oid, array[n.nspname::text, m.relname::text] as routed, array(
    select t.oid from pg_catalog.pg_class t where t.oid = v.oid
      or t.relnamespace = v.relnamespace and t.relname::text = any(array[m.relname::text, m.relname || '${AUXILIARY_SUFFIX}'])
  ) as tables
  from pg_catalog.pg_class v
  join pg_catalog.pg_namespace n on n.oid = v.relnamespace
  join pg_catalog.pg_class m on m.relnamespace = v.relnamespace and m.relkind in ('r', 'p')
    and v.relname::text = m.relname || '${VIEW_SUFFIX}'
  where v.relkind = 'v' and exists (
    select 1 from pg_catalog.pg_rewrite w
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
    join pg_catalog.pg_class r on d.refclassid = 'pg_catalog.pg_class'::regclass and r.oid = d.refobjid
    join home on home.oid = r.relnamespace
    where w.ev_class = v.oid and r.relname::text = m.relname || '${ROUTING_SUFFIX}')
)`;

/** Objects of ours by their names, and what is a part of them: what goes with them when they are dropped, two deep. */
const PARTS = `root as (
  select 'pg_catalog.pg_class'::regclass::oid as classid, c.oid as objid, c.oid as root
  from pg_catalog.pg_class c join home on home.oid = c.relnamespace
  where c.relkind not in ('i', 'I', 't', 'c') and c.relname ~ '^relyt_loader_|^sdk_loader_config$|${ROUTING_SUFFIX}$'
  union all
  select 'pg_catalog.pg_class'::regclass, v.oid, v.oid from view v
  union all
  select 'pg_catalog.pg_proc'::regclass, p.oid, null
  from pg_catalog.pg_proc p join home on home.oid = p.pronamespace where p.proname ~ '^relyt_loader_'
),
belonging as (
  select d.classid, d.objid, r.root
  from root r join pg_catalog.pg_depend d on d.refclassid = r.classid and d.refobjid = r.objid
  where d.deptype in ('a', 'i')
),
part as (
  select classid, objid, root from root
  union
  select classid, objid, root from belonging
  union
  select d.classid, d.objid, b.root
  from belonging b join pg_catalog.pg_depend d on d.refclassid = b.classid and d.refobjid = b.objid
  where d.deptype in ('a', 'i')
)`;

/** Before PostgreSQL 9.5 there is no `regnamespace`. */
const CATALOGUE = `(select oid from pg_catalog.pg_namespace where nspname = 'pg_catalog')`;

/** What a view takes from its tables: themselves, types and collations of their columns, casts those types came with. */
const TAKEN_FROM_TABLES = `exists (
    select 1 from view v
    where v.oid = p.root and (
      d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = any(v.tables)
      or exists (
        select 1 from pg_catalog.pg_attribute a where a.attrelid = any(v.tables) and a.attnum > 0 and (
          d.refclassid = 'pg_catalog.pg_type'::regclass and d.refobjid = a.atttypid
          or d.refclassid = 'pg_catalog.pg_collation'::regclass and d.refobjid = a.attcollation))
      or d.refclassid = 'pg_catalog.pg_proc'::regclass and exists (
        select 1 from pg_catalog.pg_cast k
        join pg_catalog.pg_type s on s.oid = k.castsource and s.typnamespace <> ${CATALOGUE}
        join pg_catalog.pg_type t on t.oid = k.casttarget and t.typnamespace = ${CATALOGUE}
        where k.castfunc = d.refobjid)))`;

/** Whose code runs with no more rights than its owner has anyway, or could take. Who made the database owns what has no row. */
const trusted = (owner: string) => `coalesce(${owner}.rolsuper or not (select me.rolsuper from me)
    and ${owner}.oid = any(array(select oid from me union all select nspowner from home union all select relowner from ledger)), true)`;

/**
 * All that objects of ours depend on besides pg_catalog and each other, and each of our functions. Reads the catalogue
 * only, so nothing that it lists is called. LOADER_CONFIG() is not among them: who may own it is another rule.
 */
export const codeFacts = (): Statement => ({
  name: 'codeFacts',
  text: `with home as (select oid, nspowner from pg_catalog.pg_namespace where nspname = 'relyt_sys'),
me as (select oid, rolsuper from pg_catalog.pg_roles where rolname = current_user),
ledger as (
  select c.relowner from pg_catalog.pg_class c join home on home.oid = c.relnamespace where c.relname = 'relyt_loader_migration'
),
${VIEWS},
${PARTS}
select o.type as kind, o.identity as object,
  case when p.root is not null then (pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass, p.root, 0)).identity end as relation,
  (select v.routed from view v where v.oid = p.root) as routed,
  r.type || ' ' || r.identity as "on", coalesce(w.rolname::text, 'the system') as owner, ${trusted('w')} as trusted, true as pinned
from part p
join pg_catalog.pg_depend d on d.classid = p.classid and d.objid = p.objid
cross join lateral pg_catalog.pg_identify_object(d.refclassid, d.refobjid, 0) r
cross join lateral pg_catalog.pg_identify_object(d.classid, d.objid, d.objsubid) o
left join pg_catalog.pg_shdepend s on s.dbid = (select oid from pg_catalog.pg_database where datname = current_database())
  and s.classid = d.refclassid and s.objid = d.refobjid and s.objsubid = 0 and s.deptype = 'o'
left join pg_catalog.pg_roles w on w.oid = s.refobjid
where d.deptype not in ('e', 'x') and r.schema <> 'pg_catalog'
  and not exists (select 1 from part q where q.classid = d.refclassid and q.objid = d.refobjid)
  and not ${TAKEN_FROM_TABLES}
union
select 'function', (pg_catalog.pg_identify_object('pg_catalog.pg_proc'::regclass, f.oid, 0)).identity, null, null, null,
  w.rolname::text, ${trusted('w')}, coalesce('search_path=pg_catalog, pg_temp' = any(f.proconfig), false)
from pg_catalog.pg_proc f
join home on home.oid = f.pronamespace
join pg_catalog.pg_roles w on w.oid = f.proowner
where f.proname ~ '^relyt_loader_'
order by 1, 2, 5`,
});

/** For scripts, which cannot ask the rule of `isForeign`: stops at the first finding. To be run under our search path. */
export const FOREIGN_CODE_GUARD = `do $relyt_guard$
declare
  found record;
begin
  for found in
${codeFacts().text}
  loop
    if found."on" is null and not (found.trusted and found.pinned)
        or found."on" is not null and not (found.kind = 'trigger' and found.trusted) then
      raise exception 'the % % may run code of others', found.kind, found.object
        using hint = 'relyt doctor says what it depends on, and what to do.';
    end if;
  end loop;
end $relyt_guard$`;
