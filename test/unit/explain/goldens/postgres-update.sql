-- an import ----------

-- $1 = "1800000"
-- $2 = "UTC"
-- $3 = "C"
-- $4 = "Default"
select set_config('statement_timeout', $1, true), set_config('TimeZone', $2, true), set_config('lc_monetary', $3, true),
       set_config('timezone_abbreviations', $4, true),
       case when current_setting('server_version_num')::int >= 140000
            then set_config('client_connection_check_interval', '250ms', true) end;

lock table only "app"."events" in row exclusive mode;

-- $1 = "\"app\".\"events\""
-- $2 = ["Id","day","it's \"here\"","at","embedding"]
-- $3 = ["day","Id"]
select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as "sqlType", a.attrelid::int8 as "table",
  pg_catalog.current_setting('server_version_num')::int >= 150000
  and not pg_catalog.row_security_active($1::regclass)
  and exists (
    select from pg_catalog.pg_index i
    where i.indrelid = $1::regclass and i.indisunique and i.indimmediate and i.indisvalid and not i.indisexclusion
      and i.indpred is null and i.indexprs is null
      and not coalesce((pg_catalog.row_to_json(i) ->> 'indnullsnotdistinct')::boolean, false)
      and $3::text[] = array(
        select a.attname::text from unnest(i.indkey::int2[]) with ordinality as k (attnum, n)
        join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
        where k.n <= (pg_catalog.row_to_json(i) ->> 'indnkeyatts')::int order by k.n))
  and not exists (select from pg_catalog.pg_rewrite r where r.ev_class = $1::regclass)
  and not exists (
    select from (select $1::regclass::oid union select relid::oid from pg_catalog.pg_partition_tree($1::regclass)) as p (oid)
    where exists (select from pg_catalog.pg_trigger g where g.tgrelid = p.oid and not g.tgisinternal)
      or exists (
        select from pg_catalog.pg_attribute u join pg_catalog.pg_type y on y.oid = u.atttypid
        where u.attrelid = p.oid and u.attnum > 0 and not u.attisdropped and u.attname <> all($2::text[])
          and (u.attnotnull and not u.atthasdef and u.attidentity = '' or y.typtype = 'd' or exists (
            select from pg_catalog.pg_constraint k
            where k.conrelid = p.oid and k.contype = 'c' and u.attnum = any(k.conkey))))) as "mayMerge"
from pg_catalog.pg_attribute a
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attname = any($2::text[]);

select relyt_sys.relyt_loader_open();

copy pg_temp.relyt_loader_url (n, etag, stored_bytes, url) from stdin;
0	\N	\N	https://s3.example.com:9000/staging/relyt/2026-11-23/0f0e0d0c-0b0a-4908-8706-050403020100/file-000001-e3-0a1b2c3d.bin?…
1	\N	\N	https://s3.example.com:9000/staging/relyt/2026-11-23/0f0e0d0c-0b0a-4908-8706-050403020100/file-000002-e3-0a1b2c3d.bin?…
\.

-- $1 = "\"app\".\"events\""
-- $2 = ["Id","day","it's \"here\"","at","embedding"]
-- $3 = false
-- $4 = "binary"
-- $5 = [false,false,false,false,false]
select relyt_sys.relyt_loader_expose($1::regclass, $2::text[], $3, $4, $5::boolean[]);

do '
declare
  n_read bigint := 0; n_winners bigint := 0; n_written bigint := 0; n_found bigint := 0; n_updated bigint := 0; n_added bigint := 0;
  n_part bigint; n_away bigint; n_tasks bigint; part record;
begin
  if current_setting(''track_counts'') = ''off'' then
    raise exception ''track_counts is off, so the server does not tell which rows are updated''
      using errcode = ''55000'', hint = ''Have an administrator switch it on, for example with ALTER ROLE ... SET track_counts = on.'';
  end if;
  -- merge
  n_updated := n_updated - pg_catalog.pg_stat_get_xact_tuples_updated(''"app"."events"''::pg_catalog.regclass);
  n_added := n_added - pg_catalog.pg_stat_get_xact_tuples_inserted(''"app"."events"''::pg_catalog.regclass);
  declare
    code text; reason text; more text; bad_column text;
  begin
    declare
      kept text[] := array[pg_catalog.current_setting(''enable_nestloop''), pg_catalog.current_setting(''enable_indexscan''), pg_catalog.current_setting(''enable_partition_pruning''), pg_catalog.current_setting(''enable_hashjoin''), pg_catalog.current_setting(''enable_mergejoin''), pg_catalog.current_setting(''enable_seqscan''), pg_catalog.current_setting(''enable_bitmapscan''), pg_catalog.current_setting(''enable_memoize''), pg_catalog.current_setting(''enable_material''), pg_catalog.current_setting(''jit'')];
    begin
      perform pg_catalog.set_config(''enable_nestloop'', ''on'', true), pg_catalog.set_config(''enable_indexscan'', ''on'', true), pg_catalog.set_config(''enable_partition_pruning'', ''on'', true), pg_catalog.set_config(''enable_hashjoin'', ''off'', true), pg_catalog.set_config(''enable_mergejoin'', ''off'', true), pg_catalog.set_config(''enable_seqscan'', ''off'', true), pg_catalog.set_config(''enable_bitmapscan'', ''off'', true), pg_catalog.set_config(''enable_memoize'', ''off'', true), pg_catalog.set_config(''enable_material'', ''off'', true), pg_catalog.set_config(''jit'', ''off'', true);
      perform pg_catalog.set_config(''search_path'', pg_catalog.current_setting(''relyt_loader.role_path''), true);
      execute ''merge into only "app"."events" t using pg_temp.relyt_loader_external w on t."day" operator(pg_catalog.=) w."day" and t."Id" operator(pg_catalog.=) w."Id"
when matched then update set "it''''s ""here""" = w."it''''s ""here""", "at" = w."at", "embedding" = w."embedding"
when not matched then insert ("Id", "day", "it''''s ""here""", "at", "embedding") values (w."Id", w."day", w."it''''s ""here""", w."at", w."embedding")'';
      get diagnostics n_part = row_count;
      perform pg_catalog.set_config(''search_path'', ''pg_catalog, pg_temp'', true);
      n_read := n_read + n_part;
      n_winners := n_winners + n_part;
      n_written := n_written + n_part;
      perform pg_catalog.set_config(''enable_nestloop'', kept[1], true), pg_catalog.set_config(''enable_indexscan'', kept[2], true), pg_catalog.set_config(''enable_partition_pruning'', kept[3], true), pg_catalog.set_config(''enable_hashjoin'', kept[4], true), pg_catalog.set_config(''enable_mergejoin'', kept[5], true), pg_catalog.set_config(''enable_seqscan'', kept[6], true), pg_catalog.set_config(''enable_bitmapscan'', kept[7], true), pg_catalog.set_config(''enable_memoize'', kept[8], true), pg_catalog.set_config(''enable_material'', kept[9], true), pg_catalog.set_config(''jit'', kept[10], true);
    end;
  exception
    when external_routine_exception then
      get stacked diagnostics reason = pg_exception_detail;
      raise exception ''the database could not download a staged file: %'', reason using errcode = ''38000'';
  end;
  n_updated := n_updated + pg_catalog.pg_stat_get_xact_tuples_updated(''"app"."events"''::pg_catalog.regclass);
  n_added := n_added + pg_catalog.pg_stat_get_xact_tuples_inserted(''"app"."events"''::pg_catalog.regclass);
  -- Not all of these changes are ours: triggers have changed the table as well.
  if n_updated + n_added > n_written then raise exception ''triggers change the table'' using errcode = ''RL003''; end if;
  perform pg_catalog.set_config(''relyt_loader.counts'', pg_catalog.json_build_object(
  ''read'', n_read, ''winners'', n_winners, ''written'', n_written, ''inserted'', n_written - least(n_found + n_updated, n_written), ''rejected'', 0)::text, true);
end';

select current_setting('relyt_loader.counts')::json as counts;

select relyt_sys.relyt_loader_close();

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = 3
-- $3 = "host:1#0a1b2c3d"
-- $4 = [16384]
-- $5 = "\"app\".\"events_relyt_massive_group\""
select (select i.target_oid from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as "table",
  (select i.auxiliary_oid from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as auxiliary,
  (select i.moves_before from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as "movesBefore",
  (select i.auxiliary_moves from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as "auxiliaryMoves",
  (select i.marker from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as marker,
  exists (select 1 from relyt_sys.relyt_loader_marker m where m.process_id = $1
    and m.marker = (select i.marker from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1)) as "markerThere",
  pg_catalog.to_regclass($5)::oid::int8 as "foundAuxiliary",
  (select coalesce(json_agg(json_build_object('auxiliary', a.auxiliary_oid, 'filled', a.filled, 'emptied', a.emptied)), '[]')
    from relyt_sys.relyt_loader_auxiliary a where a.main_oid = ($4::int8[])[1]) as moved,
  exists (with recursive part (oid, kind, persistence) as (
    select c.oid, c.relkind, c.relpersistence from pg_catalog.pg_class c where c.oid = any($4::int8[]::oid[])
    union all
    select c.oid, c.relkind, c.relpersistence
    from part join pg_catalog.pg_inherits h on h.inhparent = part.oid join pg_catalog.pg_class c on c.oid = h.inhrelid
    where part.kind = 'p'
  ) select 1 from part where part.kind <> 'p' and part.persistence = 'u') as unlogged
from relyt_sys.relyt_loader_task t where t.process_id = $1 and t.epoch = $2 and t.owner = $3 for share of t;

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = 1
-- $3 = 2
-- $4 = 2000
-- $5 = 2000
-- $6 = 0
-- $7 = 0
-- $8 = 0
-- $9 = 0
-- $10 = 16384
-- $11 = null
-- $12 = null
-- $13 = 0
-- $14 = null
insert into relyt_sys.relyt_loader_import
  (process_id, import_id, files, num_records, rows_inserted, rows_updated, rows_skipped, rows_superseded, rows_rejected,
   started_at, imported_at, owner_role, target_oid, auxiliary_oid, marker,
   moves_before, auxiliary_moves)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, now(), clock_timestamp(), t.owner_role, $10, $11, $12, $13, $14
from relyt_sys.relyt_loader_task t where t.process_id = $1;

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = [1,2]
-- $3 = 1
-- $4 = ["IMPORTING"]
update relyt_sys.relyt_loader_file
set status = 'IMPORTED', imported_at = clock_timestamp(), import_id = $3, error = null
where process_id = $1 and file_id = any($2::int8[]) and status = any($4::text[]);


-- most rows are there already ----------

-- $1 = "1800000"
-- $2 = "UTC"
-- $3 = "C"
-- $4 = "Default"
select set_config('statement_timeout', $1, true), set_config('TimeZone', $2, true), set_config('lc_monetary', $3, true),
       set_config('timezone_abbreviations', $4, true),
       case when current_setting('server_version_num')::int >= 140000
            then set_config('client_connection_check_interval', '250ms', true) end;

lock table only "app"."events" in row exclusive mode;

-- $1 = "\"app\".\"events\""
-- $2 = ["Id","day","it's \"here\"","at","embedding"]
-- $3 = ["day","Id"]
select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as "sqlType", a.attrelid::int8 as "table",
  pg_catalog.current_setting('server_version_num')::int >= 150000
  and not pg_catalog.row_security_active($1::regclass)
  and exists (
    select from pg_catalog.pg_index i
    where i.indrelid = $1::regclass and i.indisunique and i.indimmediate and i.indisvalid and not i.indisexclusion
      and i.indpred is null and i.indexprs is null
      and not coalesce((pg_catalog.row_to_json(i) ->> 'indnullsnotdistinct')::boolean, false)
      and $3::text[] = array(
        select a.attname::text from unnest(i.indkey::int2[]) with ordinality as k (attnum, n)
        join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
        where k.n <= (pg_catalog.row_to_json(i) ->> 'indnkeyatts')::int order by k.n))
  and not exists (select from pg_catalog.pg_rewrite r where r.ev_class = $1::regclass)
  and not exists (
    select from (select $1::regclass::oid union select relid::oid from pg_catalog.pg_partition_tree($1::regclass)) as p (oid)
    where exists (select from pg_catalog.pg_trigger g where g.tgrelid = p.oid and not g.tgisinternal)
      or exists (
        select from pg_catalog.pg_attribute u join pg_catalog.pg_type y on y.oid = u.atttypid
        where u.attrelid = p.oid and u.attnum > 0 and not u.attisdropped and u.attname <> all($2::text[])
          and (u.attnotnull and not u.atthasdef and u.attidentity = '' or y.typtype = 'd' or exists (
            select from pg_catalog.pg_constraint k
            where k.conrelid = p.oid and k.contype = 'c' and u.attnum = any(k.conkey))))) as "mayMerge"
from pg_catalog.pg_attribute a
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attname = any($2::text[]);

select relyt_sys.relyt_loader_open();

copy pg_temp.relyt_loader_url (n, etag, stored_bytes, url) from stdin;
0	\N	\N	https://s3.example.com:9000/staging/relyt/2026-11-23/0f0e0d0c-0b0a-4908-8706-050403020100/file-000001-e3-0a1b2c3d.bin?…
1	\N	\N	https://s3.example.com:9000/staging/relyt/2026-11-23/0f0e0d0c-0b0a-4908-8706-050403020100/file-000002-e3-0a1b2c3d.bin?…
\.

-- $1 = "\"app\".\"events\""
-- $2 = ["Id","day","it's \"here\"","at","embedding"]
-- $3 = false
-- $4 = "binary"
-- $5 = [false,false,false,false,false]
select relyt_sys.relyt_loader_expose($1::regclass, $2::text[], $3, $4, $5::boolean[]);

do '
declare
  n_read bigint := 0; n_winners bigint := 0; n_written bigint := 0; n_found bigint := 0; n_updated bigint := 0; n_added bigint := 0;
  n_part bigint; n_away bigint; n_tasks bigint; part record;
begin
  if current_setting(''track_counts'') = ''off'' then
    raise exception ''track_counts is off, so the server does not tell which rows are updated''
      using errcode = ''55000'', hint = ''Have an administrator switch it on, for example with ALTER ROLE ... SET track_counts = on.'';
  end if;
  -- insert or update
  n_updated := n_updated - pg_catalog.pg_stat_get_xact_tuples_updated(''"app"."events"''::pg_catalog.regclass);
  n_added := n_added - pg_catalog.pg_stat_get_xact_tuples_inserted(''"app"."events"''::pg_catalog.regclass);
  declare
    code text; reason text; more text; bad_column text;
  begin
    perform pg_catalog.set_config(''search_path'', pg_catalog.current_setting(''relyt_loader.role_path''), true);
    execute ''insert into "app"."events" ("Id", "day", "it''''s ""here""", "at", "embedding")
select "Id", "day", "it''''s ""here""", "at", "embedding" from pg_temp.relyt_loader_external s
on conflict ("day", "Id") do update set "it''''s ""here""" = excluded."it''''s ""here""", "at" = excluded."at", "embedding" = excluded."embedding"'';
    get diagnostics n_part = row_count;
    perform pg_catalog.set_config(''search_path'', ''pg_catalog, pg_temp'', true);
    n_read := n_read + n_part;
    n_winners := n_winners + n_part;
    n_written := n_written + n_part;
  exception
    when external_routine_exception then
      get stacked diagnostics reason = pg_exception_detail;
      raise exception ''the database could not download a staged file: %'', reason using errcode = ''38000'';
  end;
  n_updated := n_updated + pg_catalog.pg_stat_get_xact_tuples_updated(''"app"."events"''::pg_catalog.regclass);
  n_added := n_added + pg_catalog.pg_stat_get_xact_tuples_inserted(''"app"."events"''::pg_catalog.regclass);
  -- Not all of these changes are ours: triggers have changed the table as well.
  if n_updated + n_added > n_written then raise exception ''triggers change the table'' using errcode = ''RL003''; end if;
  perform pg_catalog.set_config(''relyt_loader.counts'', pg_catalog.json_build_object(
  ''read'', n_read, ''winners'', n_winners, ''written'', n_written, ''inserted'', n_written - least(n_found + n_updated, n_written), ''rejected'', 0)::text, true);
end';

select current_setting('relyt_loader.counts')::json as counts;

select relyt_sys.relyt_loader_close();

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = 3
-- $3 = "host:1#0a1b2c3d"
-- $4 = [16384]
-- $5 = "\"app\".\"events_relyt_massive_group\""
select (select i.target_oid from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as "table",
  (select i.auxiliary_oid from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as auxiliary,
  (select i.moves_before from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as "movesBefore",
  (select i.auxiliary_moves from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as "auxiliaryMoves",
  (select i.marker from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as marker,
  exists (select 1 from relyt_sys.relyt_loader_marker m where m.process_id = $1
    and m.marker = (select i.marker from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1)) as "markerThere",
  pg_catalog.to_regclass($5)::oid::int8 as "foundAuxiliary",
  (select coalesce(json_agg(json_build_object('auxiliary', a.auxiliary_oid, 'filled', a.filled, 'emptied', a.emptied)), '[]')
    from relyt_sys.relyt_loader_auxiliary a where a.main_oid = ($4::int8[])[1]) as moved,
  exists (with recursive part (oid, kind, persistence) as (
    select c.oid, c.relkind, c.relpersistence from pg_catalog.pg_class c where c.oid = any($4::int8[]::oid[])
    union all
    select c.oid, c.relkind, c.relpersistence
    from part join pg_catalog.pg_inherits h on h.inhparent = part.oid join pg_catalog.pg_class c on c.oid = h.inhrelid
    where part.kind = 'p'
  ) select 1 from part where part.kind <> 'p' and part.persistence = 'u') as unlogged
from relyt_sys.relyt_loader_task t where t.process_id = $1 and t.epoch = $2 and t.owner = $3 for share of t;

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = 1
-- $3 = 2
-- $4 = 2000
-- $5 = 2000
-- $6 = 0
-- $7 = 0
-- $8 = 0
-- $9 = 0
-- $10 = 16384
-- $11 = null
-- $12 = null
-- $13 = 0
-- $14 = null
insert into relyt_sys.relyt_loader_import
  (process_id, import_id, files, num_records, rows_inserted, rows_updated, rows_skipped, rows_superseded, rows_rejected,
   started_at, imported_at, owner_role, target_oid, auxiliary_oid, marker,
   moves_before, auxiliary_moves)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, now(), clock_timestamp(), t.owner_role, $10, $11, $12, $13, $14
from relyt_sys.relyt_loader_task t where t.process_id = $1;

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = [1,2]
-- $3 = 1
-- $4 = ["IMPORTING"]
update relyt_sys.relyt_loader_file
set status = 'IMPORTED', imported_at = clock_timestamp(), import_id = $3, error = null
where process_id = $1 and file_id = any($2::int8[]) and status = any($4::text[]);


-- a key stands twice ----------

-- $1 = "1800000"
-- $2 = "UTC"
-- $3 = "C"
-- $4 = "Default"
select set_config('statement_timeout', $1, true), set_config('TimeZone', $2, true), set_config('lc_monetary', $3, true),
       set_config('timezone_abbreviations', $4, true),
       case when current_setting('server_version_num')::int >= 140000
            then set_config('client_connection_check_interval', '250ms', true) end;

lock table only "app"."events" in row exclusive mode;

-- $1 = "\"app\".\"events\""
-- $2 = ["Id","day","it's \"here\"","at","embedding"]
-- $3 = ["day","Id"]
select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as "sqlType", a.attrelid::int8 as "table",
  pg_catalog.current_setting('server_version_num')::int >= 150000
  and not pg_catalog.row_security_active($1::regclass)
  and exists (
    select from pg_catalog.pg_index i
    where i.indrelid = $1::regclass and i.indisunique and i.indimmediate and i.indisvalid and not i.indisexclusion
      and i.indpred is null and i.indexprs is null
      and not coalesce((pg_catalog.row_to_json(i) ->> 'indnullsnotdistinct')::boolean, false)
      and $3::text[] = array(
        select a.attname::text from unnest(i.indkey::int2[]) with ordinality as k (attnum, n)
        join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
        where k.n <= (pg_catalog.row_to_json(i) ->> 'indnkeyatts')::int order by k.n))
  and not exists (select from pg_catalog.pg_rewrite r where r.ev_class = $1::regclass)
  and not exists (
    select from (select $1::regclass::oid union select relid::oid from pg_catalog.pg_partition_tree($1::regclass)) as p (oid)
    where exists (select from pg_catalog.pg_trigger g where g.tgrelid = p.oid and not g.tgisinternal)
      or exists (
        select from pg_catalog.pg_attribute u join pg_catalog.pg_type y on y.oid = u.atttypid
        where u.attrelid = p.oid and u.attnum > 0 and not u.attisdropped and u.attname <> all($2::text[])
          and (u.attnotnull and not u.atthasdef and u.attidentity = '' or y.typtype = 'd' or exists (
            select from pg_catalog.pg_constraint k
            where k.conrelid = p.oid and k.contype = 'c' and u.attnum = any(k.conkey))))) as "mayMerge"
from pg_catalog.pg_attribute a
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attname = any($2::text[]);

select relyt_sys.relyt_loader_open();

copy pg_temp.relyt_loader_url (n, etag, stored_bytes, url) from stdin;
0	\N	\N	https://s3.example.com:9000/staging/relyt/2026-11-23/0f0e0d0c-0b0a-4908-8706-050403020100/file-000001-e3-0a1b2c3d.bin?…
1	\N	\N	https://s3.example.com:9000/staging/relyt/2026-11-23/0f0e0d0c-0b0a-4908-8706-050403020100/file-000002-e3-0a1b2c3d.bin?…
\.

-- $1 = "\"app\".\"events\""
-- $2 = ["Id","day","it's \"here\"","at","embedding"]
-- $3 = false
-- $4 = "binary"
-- $5 = [false,false,false,false,false]
select relyt_sys.relyt_loader_expose($1::regclass, $2::text[], $3, $4, $5::boolean[]);

do '
declare
  n_read bigint := 0; n_winners bigint := 0; n_written bigint := 0; n_found bigint := 0; n_updated bigint := 0; n_added bigint := 0;
  n_part bigint; n_away bigint; n_tasks bigint; part record;
begin
  if current_setting(''track_counts'') = ''off'' then
    raise exception ''track_counts is off, so the server does not tell which rows are updated''
      using errcode = ''55000'', hint = ''Have an administrator switch it on, for example with ALTER ROLE ... SET track_counts = on.'';
  end if;
  -- reduce and upsert
  n_updated := n_updated - pg_catalog.pg_stat_get_xact_tuples_updated(''"app"."events"''::pg_catalog.regclass);
  declare
    code text; reason text; more text; bad_column text;
  begin
    perform pg_catalog.set_config(''search_path'', pg_catalog.current_setting(''relyt_loader.role_path''), true);
    execute ''with staged as materialized (
  select * from pg_temp.relyt_loader_external s
), winner as materialized (
  select distinct on ("Id", "day") * from staged s order by "Id", "day", "relyt ordinal" desc
), applied as (
  insert into "app"."events" ("Id", "day", "it''''s ""here""", "at", "embedding")
  select "Id", "day", "it''''s ""here""", "at", "embedding" from winner
  on conflict ("day", "Id") do update set "it''''s ""here""" = excluded."it''''s ""here""", "at" = excluded."at", "embedding" = excluded."embedding"
  returning 1
)
select r.read, n.winners, a.written, pg_catalog.pg_stat_get_xact_tuples_updated(''''"app"."events"''''::pg_catalog.regclass) as updated
from (select pg_catalog.count(*) as read from staged) r, (select pg_catalog.count(*) as winners from winner) n,
  (select pg_catalog.count(*) as written from applied) a'' into part;
    perform pg_catalog.set_config(''search_path'', ''pg_catalog, pg_temp'', true);
    n_read := n_read + part.read;
    n_winners := n_winners + part.winners;
    n_written := n_written + part.written;
    n_updated := n_updated + part.updated;
  exception
    when external_routine_exception then
      get stacked diagnostics reason = pg_exception_detail;
      raise exception ''the database could not download a staged file: %'', reason using errcode = ''38000'';
  end;
  perform pg_catalog.set_config(''relyt_loader.counts'', pg_catalog.json_build_object(
  ''read'', n_read, ''winners'', n_winners, ''written'', n_written, ''inserted'', n_written - least(n_found + n_updated, n_written), ''rejected'', 0)::text, true);
end';

select current_setting('relyt_loader.counts')::json as counts;

select relyt_sys.relyt_loader_close();

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = 3
-- $3 = "host:1#0a1b2c3d"
-- $4 = [16384]
-- $5 = "\"app\".\"events_relyt_massive_group\""
select (select i.target_oid from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as "table",
  (select i.auxiliary_oid from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as auxiliary,
  (select i.moves_before from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as "movesBefore",
  (select i.auxiliary_moves from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as "auxiliaryMoves",
  (select i.marker from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as marker,
  exists (select 1 from relyt_sys.relyt_loader_marker m where m.process_id = $1
    and m.marker = (select i.marker from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1)) as "markerThere",
  pg_catalog.to_regclass($5)::oid::int8 as "foundAuxiliary",
  (select coalesce(json_agg(json_build_object('auxiliary', a.auxiliary_oid, 'filled', a.filled, 'emptied', a.emptied)), '[]')
    from relyt_sys.relyt_loader_auxiliary a where a.main_oid = ($4::int8[])[1]) as moved,
  exists (with recursive part (oid, kind, persistence) as (
    select c.oid, c.relkind, c.relpersistence from pg_catalog.pg_class c where c.oid = any($4::int8[]::oid[])
    union all
    select c.oid, c.relkind, c.relpersistence
    from part join pg_catalog.pg_inherits h on h.inhparent = part.oid join pg_catalog.pg_class c on c.oid = h.inhrelid
    where part.kind = 'p'
  ) select 1 from part where part.kind <> 'p' and part.persistence = 'u') as unlogged
from relyt_sys.relyt_loader_task t where t.process_id = $1 and t.epoch = $2 and t.owner = $3 for share of t;

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = 1
-- $3 = 2
-- $4 = 2000
-- $5 = 2000
-- $6 = 0
-- $7 = 0
-- $8 = 0
-- $9 = 0
-- $10 = 16384
-- $11 = null
-- $12 = null
-- $13 = 0
-- $14 = null
insert into relyt_sys.relyt_loader_import
  (process_id, import_id, files, num_records, rows_inserted, rows_updated, rows_skipped, rows_superseded, rows_rejected,
   started_at, imported_at, owner_role, target_oid, auxiliary_oid, marker,
   moves_before, auxiliary_moves)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, now(), clock_timestamp(), t.owner_role, $10, $11, $12, $13, $14
from relyt_sys.relyt_loader_task t where t.process_id = $1;

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = [1,2]
-- $3 = 1
-- $4 = ["IMPORTING"]
update relyt_sys.relyt_loader_file
set status = 'IMPORTED', imported_at = clock_timestamp(), import_id = $3, error = null
where process_id = $1 and file_id = any($2::int8[]) and status = any($4::text[]);


-- a record is refused ----------

-- $1 = "1800000"
-- $2 = "UTC"
-- $3 = "C"
-- $4 = "Default"
select set_config('statement_timeout', $1, true), set_config('TimeZone', $2, true), set_config('lc_monetary', $3, true),
       set_config('timezone_abbreviations', $4, true),
       case when current_setting('server_version_num')::int >= 140000
            then set_config('client_connection_check_interval', '250ms', true) end;

lock table only "app"."events" in row exclusive mode;

-- $1 = "\"app\".\"events\""
-- $2 = ["Id","day","it's \"here\"","at","embedding"]
-- $3 = ["day","Id"]
select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as "sqlType", a.attrelid::int8 as "table",
  pg_catalog.current_setting('server_version_num')::int >= 150000
  and not pg_catalog.row_security_active($1::regclass)
  and exists (
    select from pg_catalog.pg_index i
    where i.indrelid = $1::regclass and i.indisunique and i.indimmediate and i.indisvalid and not i.indisexclusion
      and i.indpred is null and i.indexprs is null
      and not coalesce((pg_catalog.row_to_json(i) ->> 'indnullsnotdistinct')::boolean, false)
      and $3::text[] = array(
        select a.attname::text from unnest(i.indkey::int2[]) with ordinality as k (attnum, n)
        join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
        where k.n <= (pg_catalog.row_to_json(i) ->> 'indnkeyatts')::int order by k.n))
  and not exists (select from pg_catalog.pg_rewrite r where r.ev_class = $1::regclass)
  and not exists (
    select from (select $1::regclass::oid union select relid::oid from pg_catalog.pg_partition_tree($1::regclass)) as p (oid)
    where exists (select from pg_catalog.pg_trigger g where g.tgrelid = p.oid and not g.tgisinternal)
      or exists (
        select from pg_catalog.pg_attribute u join pg_catalog.pg_type y on y.oid = u.atttypid
        where u.attrelid = p.oid and u.attnum > 0 and not u.attisdropped and u.attname <> all($2::text[])
          and (u.attnotnull and not u.atthasdef and u.attidentity = '' or y.typtype = 'd' or exists (
            select from pg_catalog.pg_constraint k
            where k.conrelid = p.oid and k.contype = 'c' and u.attnum = any(k.conkey))))) as "mayMerge"
from pg_catalog.pg_attribute a
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attname = any($2::text[]);

select relyt_sys.relyt_loader_open();

copy pg_temp.relyt_loader_url (n, etag, stored_bytes, url) from stdin;
0	\N	\N	https://s3.example.com:9000/staging/relyt/2026-11-23/0f0e0d0c-0b0a-4908-8706-050403020100/file-000001-e3-0a1b2c3d.bin?…
1	\N	\N	https://s3.example.com:9000/staging/relyt/2026-11-23/0f0e0d0c-0b0a-4908-8706-050403020100/file-000002-e3-0a1b2c3d.bin?…
\.

-- $1 = "\"app\".\"events\""
-- $2 = ["Id","day","it's \"here\"","at","embedding"]
-- $3 = false
-- $4 = "binary"
-- $5 = [false,false,false,false,false]
select relyt_sys.relyt_loader_expose($1::regclass, $2::text[], $3, $4, $5::boolean[]);

do '
begin
  -- stage
  declare
    code text; reason text; more text; bad_column text;
  begin
    execute ''create temporary table relyt_loader_row on commit drop as
select pg_catalog.row_number() over (order by s."relyt ordinal") as "relyt n", s.* from (select s."relyt ordinal", s."Id"::pg_catalog.text as "Id", s."day"::pg_catalog.text as "day", s."it''''s ""here"""::pg_catalog.text as "it''''s ""here""", s."at"::pg_catalog.text as "at", s."embedding"::pg_catalog.text as "embedding" from pg_temp.relyt_loader_external s) s'';
  exception
    when external_routine_exception then
      get stacked diagnostics reason = pg_exception_detail;
      raise exception ''the database could not download a staged file: %'', reason using errcode = ''38000'';
  end;
  -- check at once
  execute ''set constraints all immediate'';
  -- index
  execute ''create unique index on pg_temp.relyt_loader_row ("relyt n")'';
  -- analyze
  execute ''analyze pg_temp.relyt_loader_row'';
  -- make room for bad rows
  execute ''create temporary table relyt_loader_bad ("relyt n" bigint, code text, column_name text, constraint_name text, reason text) on commit drop'';
end';

select pg_catalog.count(*) as records, pg_catalog.sum(s."relyt ordinal")::text as ordinals
from pg_temp.relyt_loader_row s;

do E'
declare
  n_all bigint; n_bad bigint := 0; n_unclear bigint := 0;
  n_from bigint := 1; n_to bigint; n_span bigint := 0;
  all_winners bigint := 0; all_written bigint := 0; all_inserted bigint := 0;
  bad_code text; bad_column text; bad_constraint text; bad_reason text; bad_context text;
  bad_trigger text; bad_policies text; first_bad text;
  any_passes boolean := false;
  n_part bigint; n_away bigint; n_tasks bigint; part record;
begin
  if current_setting(''track_counts'') = ''off'' then
    raise exception ''track_counts is off, so the server does not tell which rows are updated''
      using errcode = ''55000'', hint = ''Have an administrator switch it on, for example with ALTER ROLE ... SET track_counts = on.'';
  end if;
  execute ''select count(*) from pg_temp.relyt_loader_row'' into n_all;
  while n_from <= n_all loop
    if n_bad > 10 and (not (n_unclear > 0 and not any_passes) or n_bad > 42) then
      raise exception ''too many rejected records'' using detail = first_bad, errcode =
        case when n_unclear > 0 and not any_passes then ''RL002'' else ''RL001'' end;
    end if;
    n_to := least(n_all, n_from + n_span - 1);
    declare
      n_read bigint := 0; n_winners bigint := 0; n_written bigint := 0; n_found bigint := 0; n_updated bigint := 0; n_added bigint := 0;
    begin
      -- insert or update, and count
      n_updated := n_updated - pg_catalog.pg_stat_get_xact_tuples_updated(''"app"."events"''::pg_catalog.regclass);
      perform pg_catalog.set_config(''search_path'', pg_catalog.current_setting(''relyt_loader.role_path''), true);
      execute ''with applied as (
insert into "app"."events" ("Id", "day", "it''''s ""here""", "at", "embedding")
select "Id", "day", "it''''s ""here""", "at", "embedding" from (select distinct on ("Id", "day") * from (select s."relyt ordinal", s."Id"::"pg_catalog"."int8" as "Id", s."day"::"pg_catalog"."date" as "day", s."it''''s ""here"""::"pg_catalog"."varchar" as "it''''s ""here""", s."at"::"pg_catalog"."timestamptz" as "at", s."embedding"::"public"."vector" as "embedding" from pg_temp.relyt_loader_row s where s."relyt n" operator(pg_catalog.>=) $1 and s."relyt n" operator(pg_catalog.<=) $2) s order by "Id", "day", "relyt ordinal" desc) s
on conflict ("day", "Id") do update set "it''''s ""here""" = excluded."it''''s ""here""", "at" = excluded."at", "embedding" = excluded."embedding"
returning 1
)
select a.written, pg_catalog.pg_stat_get_xact_tuples_updated(''''"app"."events"''''::pg_catalog.regclass) as updated from (select pg_catalog.count(*) as written from applied) a'' into part using n_from, n_to;
      perform pg_catalog.set_config(''search_path'', ''pg_catalog, pg_temp'', true);
      n_written := n_written + part.written;
      n_updated := n_updated + part.updated;
      -- count keys
      perform pg_catalog.set_config(''search_path'', pg_catalog.current_setting(''relyt_loader.role_path''), true);
      execute ''select pg_catalog.count(*) as winners from (select distinct "Id", "day" from (select s."relyt ordinal", s."Id"::"pg_catalog"."int8" as "Id", s."day"::"pg_catalog"."date" as "day", s."it''''s ""here"""::"pg_catalog"."varchar" as "it''''s ""here""", s."at"::"pg_catalog"."timestamptz" as "at", s."embedding"::"public"."vector" as "embedding" from pg_temp.relyt_loader_row s where s."relyt n" operator(pg_catalog.>=) $1 and s."relyt n" operator(pg_catalog.<=) $2) s) k'' into part using n_from, n_to;
      perform pg_catalog.set_config(''search_path'', ''pg_catalog, pg_temp'', true);
      n_winners := n_winners + part.winners;
      all_winners := all_winners + n_winners;
      all_written := all_written + n_written;
      all_inserted := all_inserted + n_written - least(n_found + n_updated, n_written);
      any_passes := any_passes or n_to >= n_from;
      n_from := n_to + 1;
      n_span := case when n_span = 0 then 1024 else n_span * 2 end;
      continue;
    exception when others or sqlstate ''P0004'' then
      get stacked diagnostics bad_code = returned_sqlstate, bad_reason = message_text,
        bad_column = column_name, bad_constraint = constraint_name, bad_context = pg_exception_context;
      if n_to < n_from then raise; end if;
      if bad_code operator(pg_catalog.~) ''^(08|53|57|58|25|28|3D|40|F0|40001|40P01|40003|55P03|25P03|57P04|53400|XX001|XX002|RL001|RL002|RL003)'' then raise; end if;
    end;
    if n_to > n_from then
      n_span := greatest(1, (n_to - n_from + 1) / 2);
      continue;
    end if;
    bad_column := nullif(bad_column, '''');
    bad_constraint := nullif(bad_constraint, '''');
    if bad_column is null then
      declare
        s record;
      begin
        execute ''select * from pg_temp.relyt_loader_row s where s."relyt n" = $1'' into s using n_from;
        perform pg_catalog.set_config(''search_path'', pg_catalog.current_setting(''relyt_loader.role_path''), true);
        bad_column := ''Id''; declare tried "app"."events"."Id"%type := s."Id"::"pg_catalog"."int8"; begin end;
        bad_column := ''day''; declare tried "app"."events"."day"%type := s."day"::"pg_catalog"."date"; begin end;
        bad_column := ''it''''s "here"''; declare tried "app"."events"."it''s ""here"""%type := s."it''s ""here"""::"pg_catalog"."varchar"; begin end;
        bad_column := ''at''; declare tried "app"."events"."at"%type := s."at"::"pg_catalog"."timestamptz"; begin end;
        bad_column := ''embedding''; declare tried "app"."events"."embedding"%type := s."embedding"::"public"."vector"; begin end;
        perform pg_catalog.set_config(''search_path'', ''pg_catalog, pg_temp'', true);
        bad_column := null;
      exception when others or sqlstate ''P0004'' then
        null;
      end;
    end if;
    -- Where on a cluster it happened does not help the caller, and differs from run to run.
    bad_reason := left(regexp_replace(bad_reason, ''[[:space:]]*\\(seg[0-9]+ [^)]*pid=[0-9]+\\)$'', ''''), 500);
    bad_trigger := null;
    bad_policies := null;
    execute ''select pg_catalog.string_agg(distinct pg_catalog.quote_ident(g.tgname), '''', '''')
from pg_catalog.pg_trigger g join pg_catalog.pg_proc f on f.oid operator(pg_catalog.=) g.tgfoid
where not g.tgisinternal and (g.tgrelid operator(pg_catalog.=) ''''"app"."events"''''::pg_catalog.regclass)
  and (pg_catalog.strpos($1, pg_catalog.concat('''' '''', pg_catalog.quote_ident(f.proname), ''''()'''')) operator(pg_catalog.>) 0 or pg_catalog.strpos($1, pg_catalog.concat(''''.'''', pg_catalog.quote_ident(f.proname), ''''()'''')) operator(pg_catalog.>) 0)'' into bad_trigger using bad_context;
    if bad_trigger is not null then
      bad_reason := pg_catalog.concat(bad_reason, '' (trigger '', bad_trigger, '')'');
    elsif bad_code = ''42501'' then
      execute ''select pg_catalog.string_agg(coalesce((
  select pg_catalog.string_agg(pg_catalog.quote_ident(p.polname), '''', '''') from pg_catalog.pg_policy p
  where p.polrelid operator(pg_catalog.=) c.oid and p.polcmd operator(pg_catalog.<>) ''''r'''' and p.polcmd operator(pg_catalog.<>) ''''d''''
    and exists (select 1 from pg_catalog.unnest(p.polroles) as a (role)
      where a.role operator(pg_catalog.=) 0 or pg_catalog.pg_has_role(a.role, ''''USAGE''''))
), ''''none''''), '''', '''')
from pg_catalog.pg_class c where (c.oid operator(pg_catalog.=) ''''"app"."events"''''::pg_catalog.regclass) and pg_catalog.row_security_active(c.oid)'' into bad_policies;
      bad_reason := pg_catalog.concat(bad_reason, '' (policies that apply: '' || bad_policies || '')'');
    end if;
    n_bad := n_bad + 1;
    if bad_code operator(pg_catalog.!~) ''^2[23]'' then n_unclear := n_unclear + 1; end if;
    if n_bad = 1 then
      execute ''select pg_catalog.json_build_object(''''record'''', s."relyt ordinal", ''''code'''', $2, ''''column'''', $3, ''''reason'''', $4, ''''constraint'''', $5, ''''trigger'''', $6, ''''policies'''', $7)::text
from pg_temp.relyt_loader_row s where s."relyt n" operator(pg_catalog.=) $1''
        into first_bad using n_from, bad_code, bad_column, bad_reason, bad_constraint, bad_trigger, bad_policies;
    end if;
    execute ''insert into pg_temp.relyt_loader_bad values ($1, $2, $3, $4, $5)'' using n_from, bad_code, bad_column, bad_constraint, bad_reason;
    n_from := n_from + 1;
    n_span := 1024;
  end loop;
  if n_bad > 10 or (n_unclear > 0 and not any_passes) then
    raise exception ''too many rejected records'' using detail = first_bad, errcode =
      case when n_unclear > 0 and not any_passes then ''RL002'' else ''RL001'' end;
  end if;
  perform pg_catalog.set_config(''relyt_loader.counts'', pg_catalog.json_build_object(
  ''read'', n_all - n_bad, ''winners'', all_winners, ''written'', all_written, ''inserted'', all_inserted, ''rejected'', n_bad)::text, true);
end';

select current_setting('relyt_loader.counts')::json as counts;

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = [1,2]
-- $3 = 1048576
-- $4 = "(The record has more than 1 MiB, so it is not kept.)"
insert into relyt_sys.relyt_loader_reject
  (process_id, record_ordinal, file_id, source_position, stage, code, column_name, constraint_name, reason, record, created_at, owner_role)
select $1, b.ordinal, f.file_id, f.source_position, 'import', b.code, b.column_name, b.constraint_name,
       case when b.is_long then b.reason || ' ' || $4::text else b.reason end,
       case when not b.is_long then b.record end, now(), t.owner_role
from (
  select made.*, length(made.record::text) > $3 as is_long
  from (
    select s."relyt ordinal" as ordinal, b.code, b.column_name, b.constraint_name, b.reason,
           (select pg_catalog.row_to_json(kept.*) from (select s."Id", s."day", s."it's ""here""", s."at", s."embedding") kept) as record
    from pg_temp.relyt_loader_bad b join pg_temp.relyt_loader_row s on s."relyt n" = b."relyt n" offset 0
  ) made
) b
join relyt_sys.relyt_loader_task t on t.process_id = $1
left join relyt_sys.relyt_loader_file f on f.process_id = $1 and f.file_id = any($2::int8[])
  and b.ordinal between f.first_ordinal and f.last_ordinal
returning record_ordinal as ordinal, code, column_name as "column", constraint_name as "constraint", reason;

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = [1,2]
select first_ordinal as first, last_ordinal as last, source_lines as runs
from relyt_sys.relyt_loader_file
where process_id = $1 and file_id = any($2::int8[]) and source_lines is not null;

select relyt_sys.relyt_loader_close();

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = 3
-- $3 = "host:1#0a1b2c3d"
-- $4 = [16384]
-- $5 = "\"app\".\"events_relyt_massive_group\""
select (select i.target_oid from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as "table",
  (select i.auxiliary_oid from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as auxiliary,
  (select i.moves_before from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as "movesBefore",
  (select i.auxiliary_moves from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as "auxiliaryMoves",
  (select i.marker from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1) as marker,
  exists (select 1 from relyt_sys.relyt_loader_marker m where m.process_id = $1
    and m.marker = (select i.marker from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1)) as "markerThere",
  pg_catalog.to_regclass($5)::oid::int8 as "foundAuxiliary",
  (select coalesce(json_agg(json_build_object('auxiliary', a.auxiliary_oid, 'filled', a.filled, 'emptied', a.emptied)), '[]')
    from relyt_sys.relyt_loader_auxiliary a where a.main_oid = ($4::int8[])[1]) as moved,
  exists (with recursive part (oid, kind, persistence) as (
    select c.oid, c.relkind, c.relpersistence from pg_catalog.pg_class c where c.oid = any($4::int8[]::oid[])
    union all
    select c.oid, c.relkind, c.relpersistence
    from part join pg_catalog.pg_inherits h on h.inhparent = part.oid join pg_catalog.pg_class c on c.oid = h.inhrelid
    where part.kind = 'p'
  ) select 1 from part where part.kind <> 'p' and part.persistence = 'u') as unlogged
from relyt_sys.relyt_loader_task t where t.process_id = $1 and t.epoch = $2 and t.owner = $3 for share of t;

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = 1
-- $3 = 2
-- $4 = 2000
-- $5 = 1999
-- $6 = 0
-- $7 = 0
-- $8 = 0
-- $9 = 1
-- $10 = 16384
-- $11 = null
-- $12 = null
-- $13 = 0
-- $14 = null
insert into relyt_sys.relyt_loader_import
  (process_id, import_id, files, num_records, rows_inserted, rows_updated, rows_skipped, rows_superseded, rows_rejected,
   started_at, imported_at, owner_role, target_oid, auxiliary_oid, marker,
   moves_before, auxiliary_moves)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, now(), clock_timestamp(), t.owner_role, $10, $11, $12, $13, $14
from relyt_sys.relyt_loader_task t where t.process_id = $1;

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = [1,2]
-- $3 = 1
-- $4 = ["IMPORTING"]
update relyt_sys.relyt_loader_file
set status = 'IMPORTED', imported_at = clock_timestamp(), import_id = $3, error = null
where process_id = $1 and file_id = any($2::int8[]) and status = any($4::text[]);
