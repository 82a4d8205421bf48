-- an import ----------

-- $1 = "1800000"
-- $2 = "UTC"
-- $3 = "C"
-- $4 = "Default"
select set_config('statement_timeout', $1, true), set_config('TimeZone', $2, true), set_config('lc_monetary', $3, true),
       set_config('timezone_abbreviations', $4, true),
       case when current_setting('server_version_num')::int >= 140000
            then set_config('client_connection_check_interval', '250ms', true) end;

lock table only "app"."events" in access share mode;

-- $1 = "\"app\".\"events\""
-- $2 = ["Id","day","it's \"here\"","at","embedding"]
select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as "sqlType", a.attrelid::int8 as "table"
from pg_catalog.pg_attribute a
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attname = any($2::text[]);

create temporary table relyt_loader_location (location text) on commit drop;

copy pg_temp.relyt_loader_location (location) from stdin;
....................................................................................................s3://s3.example.com:9000/staging/relyt/2026-11-23/0f0e0d0c-0b0a-4908-8706-050403020100/import-000001-l0-e3-0a1b2c3d/ accessid=… secret=… region=eu-west-1 version=2
\.

do E'
declare
  place text;
begin
  declare
    code text; reason text; more text; bad_column text;
  begin
    select pg_catalog.substr(location, 101) into strict place from pg_temp.relyt_loader_location;
    drop table pg_temp.relyt_loader_location;
    execute pg_catalog.concat(''create external table "app"."relyt_loader_0f0e0d0c0b0a49088706050403020100_1" ("relyt ordinal" bigint, "Id" bigint, "day" date, "it''''s ""here""" character varying(5), "at" timestamp with time zone, "embedding" public.vector(3))
location ('', pg_catalog.quote_literal(place), '')
format ''''CSV'''' (delimiter '''','''' null '''''''' quote ''''"'''' escape ''''"'''')'');
  exception
    when others then
      get stacked diagnostics code = returned_sqlstate, reason = message_text;
      reason := regexp_replace(reason, ''(accessid|secret|token)=[^[:space:]]+'', ''\\1=...'', ''gi'');
      raise exception ''%'', reason using errcode = code;
  end;
end';

do E'
declare
  n_read bigint := 0; n_winners bigint := 0; n_written bigint := 0; n_found bigint := 0; n_updated bigint := 0; n_added bigint := 0;
  n_part bigint; n_away bigint; n_tasks bigint; part record;
begin
  -- hold automatic statistics
  execute ''select pg_catalog.set_config(name, ''''none'''', true) from pg_catalog.pg_settings
where name operator(pg_catalog.=) ''''gp_autostats_mode'''''';
  -- stage
  declare
    code text; reason text; more text; bad_column text;
  begin
    perform pg_catalog.set_config(''search_path'', pg_catalog.current_setting(''relyt_loader.role_path''), true);
    execute ''create temporary table relyt_loader_read using heap on commit drop as
select s.* from "app"."relyt_loader_0f0e0d0c0b0a49088706050403020100_1" s distributed by ("day", "Id")'';
    get diagnostics n_part = row_count;
    perform pg_catalog.set_config(''search_path'', ''pg_catalog, pg_temp'', true);
    n_read := n_read + n_part;
  exception
    when query_canceled then
      raise exception ''the import was cancelled'' using errcode = ''57014'';
    when others then
      get stacked diagnostics code = returned_sqlstate, reason = message_text, more = pg_exception_detail, bad_column = column_name;
      reason := regexp_replace(reason, ''(accessid|secret|token)=[^[:space:]]+'', ''\\1=...'', ''gi'');
      raise exception ''%'', reason using errcode = code, detail = more, column = bad_column;
  end;
  -- reduce
  execute ''create temporary table relyt_loader_staged using heap on commit drop as
select distinct on ("Id", "day") * from pg_temp.relyt_loader_read s order by "Id", "day", "relyt ordinal" desc distributed by ("day", "Id")'';
  get diagnostics n_part = row_count;
  n_winners := n_winners + n_part;
  -- analyze
  execute ''analyze pg_temp.relyt_loader_staged'';
  -- count rows that are there
  perform pg_catalog.set_config(''search_path'', pg_catalog.current_setting(''relyt_loader.role_path''), true);
  execute ''select pg_catalog.count(*) as found from pg_temp.relyt_loader_staged w join "app"."events" t on t."day" operator(pg_catalog.=) w."day" and t."Id" operator(pg_catalog.=) w."Id"'' into part;
  perform pg_catalog.set_config(''search_path'', ''pg_catalog, pg_temp'', true);
  n_found := n_found + part.found;
  -- insert or update
  perform pg_catalog.set_config(''search_path'', pg_catalog.current_setting(''relyt_loader.role_path''), true);
  execute ''insert into "app"."events" ("Id", "day", "it''''s ""here""", "at", "embedding")
select "Id", "day", "it''''s ""here""", "at", "embedding" from pg_temp.relyt_loader_staged s
on conflict ("day", "Id") do update set "it''''s ""here""" = excluded."it''''s ""here""", "at" = excluded."at", "embedding" = excluded."embedding"'';
  get diagnostics n_part = row_count;
  perform pg_catalog.set_config(''search_path'', ''pg_catalog, pg_temp'', true);
  n_written := n_written + n_part;
  perform pg_catalog.set_config(''relyt_loader.counts'', pg_catalog.json_build_object(
  ''read'', n_read, ''winners'', n_winners, ''written'', n_written, ''inserted'', n_written - least(n_found + n_updated, n_written), ''rejected'', 0)::text, true);
end';

select current_setting('relyt_loader.counts')::json as counts;

-- $1 = "\"app\".\"relyt_loader_0f0e0d0c0b0a49088706050403020100_1\""
select relkind::text as relkind from pg_catalog.pg_class where oid = $1::regclass;

drop foreign table "app"."relyt_loader_0f0e0d0c0b0a49088706050403020100_1";

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
  $4::int8[] is null as unlogged
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

lock table only "app"."events" in access share mode;

-- $1 = "\"app\".\"events\""
-- $2 = ["Id","day","it's \"here\"","at","embedding"]
select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as "sqlType", a.attrelid::int8 as "table"
from pg_catalog.pg_attribute a
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attname = any($2::text[]);

create temporary table relyt_loader_location (location text) on commit drop;

copy pg_temp.relyt_loader_location (location) from stdin;
....................................................................................................s3://s3.example.com:9000/staging/relyt/2026-11-23/0f0e0d0c-0b0a-4908-8706-050403020100/import-000001-l0-e3-0a1b2c3d/ accessid=… secret=… region=eu-west-1 version=2
\.

do E'
declare
  place text;
begin
  declare
    code text; reason text; more text; bad_column text;
  begin
    select pg_catalog.substr(location, 101) into strict place from pg_temp.relyt_loader_location;
    drop table pg_temp.relyt_loader_location;
    execute pg_catalog.concat(''create external table "app"."relyt_loader_0f0e0d0c0b0a49088706050403020100_1" ("relyt ordinal" bigint, "Id" text, "day" text, "it''''s ""here""" text, "at" text, "embedding" text)
location ('', pg_catalog.quote_literal(place), '')
format ''''CSV'''' (delimiter '''','''' null '''''''' quote ''''"'''' escape ''''"'''')'');
  exception
    when others then
      get stacked diagnostics code = returned_sqlstate, reason = message_text;
      reason := regexp_replace(reason, ''(accessid|secret|token)=[^[:space:]]+'', ''\\1=...'', ''gi'');
      raise exception ''%'', reason using errcode = code;
  end;
end';

do E'
begin
  -- hold automatic statistics
  execute ''select pg_catalog.set_config(name, ''''none'''', true) from pg_catalog.pg_settings
where name operator(pg_catalog.=) ''''gp_autostats_mode'''''';
  -- stage
  declare
    code text; reason text; more text; bad_column text;
  begin
    execute ''create temporary table relyt_loader_row using heap on commit drop as
select pg_catalog.row_number() over (order by s."relyt ordinal") as "relyt n", s.* from "app"."relyt_loader_0f0e0d0c0b0a49088706050403020100_1" s distributed by ("relyt n")'';
  exception
    when query_canceled then
      raise exception ''the import was cancelled'' using errcode = ''57014'';
    when others then
      get stacked diagnostics code = returned_sqlstate, reason = message_text, more = pg_exception_detail, bad_column = column_name;
      reason := regexp_replace(reason, ''(accessid|secret|token)=[^[:space:]]+'', ''\\1=...'', ''gi'');
      raise exception ''%'', reason using errcode = code, detail = more, column = bad_column;
  end;
  -- check at once
  execute ''set constraints all immediate'';
  -- index
  execute ''create unique index on pg_temp.relyt_loader_row ("relyt n")'';
  -- analyze
  execute ''analyze pg_temp.relyt_loader_row'';
  -- make room for bad rows
  execute ''create temporary table relyt_loader_bad ("relyt n" bigint, code text, column_name text, constraint_name text, reason text) using heap on commit drop distributed by ("relyt n")'';
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
      -- count rows that are there
      perform pg_catalog.set_config(''search_path'', pg_catalog.current_setting(''relyt_loader.role_path''), true);
      execute ''select pg_catalog.count(*) as found from (select distinct on ("Id", "day") * from (select s."relyt ordinal", s."Id"::"pg_catalog"."int8" as "Id", s."day"::"pg_catalog"."date" as "day", s."it''''s ""here"""::"pg_catalog"."varchar" as "it''''s ""here""", s."at"::"pg_catalog"."timestamptz" as "at", s."embedding"::"public"."vector" as "embedding" from pg_temp.relyt_loader_row s where s."relyt n" operator(pg_catalog.>=) $1 and s."relyt n" operator(pg_catalog.<=) $2) s order by "Id", "day", "relyt ordinal" desc) w join "app"."events" t on t."day" operator(pg_catalog.=) w."day" and t."Id" operator(pg_catalog.=) w."Id"'' into part using n_from, n_to;
      perform pg_catalog.set_config(''search_path'', ''pg_catalog, pg_temp'', true);
      n_found := n_found + part.found;
      -- insert or update
      perform pg_catalog.set_config(''search_path'', pg_catalog.current_setting(''relyt_loader.role_path''), true);
      execute ''insert into "app"."events" ("Id", "day", "it''''s ""here""", "at", "embedding")
select "Id", "day", "it''''s ""here""", "at", "embedding" from (select distinct on ("Id", "day") * from (select s."relyt ordinal", s."Id"::"pg_catalog"."int8" as "Id", s."day"::"pg_catalog"."date" as "day", s."it''''s ""here"""::"pg_catalog"."varchar" as "it''''s ""here""", s."at"::"pg_catalog"."timestamptz" as "at", s."embedding"::"public"."vector" as "embedding" from pg_temp.relyt_loader_row s where s."relyt n" operator(pg_catalog.>=) $1 and s."relyt n" operator(pg_catalog.<=) $2) s order by "Id", "day", "relyt ordinal" desc) s
on conflict ("day", "Id") do update set "it''''s ""here""" = excluded."it''''s ""here""", "at" = excluded."at", "embedding" = excluded."embedding"'' using n_from, n_to;
      get diagnostics n_part = row_count;
      perform pg_catalog.set_config(''search_path'', ''pg_catalog, pg_temp'', true);
      n_written := n_written + n_part;
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
    if bad_column is null and bad_code = ''23502'' then
      execute ''select a.attname::text from pg_catalog.pg_attribute a cross join pg_temp.relyt_loader_row s
where s."relyt n" = $1 and a.attrelid = ''''"app"."events"''''::regclass and a.attnotnull and a.attname::text = any($2)
  and (pg_catalog.row_to_json(s.*) ->> a.attname::text) is null
order by a.attnum limit 1'' into bad_column using n_from, array[''Id'', ''day'', ''it''''s "here"'', ''at'', ''embedding'']::text[];
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

-- $1 = "\"app\".\"relyt_loader_0f0e0d0c0b0a49088706050403020100_1\""
select relkind::text as relkind from pg_catalog.pg_class where oid = $1::regclass;

drop foreign table "app"."relyt_loader_0f0e0d0c0b0a49088706050403020100_1";

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
  $4::int8[] is null as unlogged
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
