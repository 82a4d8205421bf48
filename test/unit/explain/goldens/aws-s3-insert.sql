-- an import ----------

begin isolation level read committed;

-- $1 = "1800000"
select set_config('statement_timeout', $1, true),
       case when current_setting('server_version_num')::int >= 140000
            then set_config('client_connection_check_interval', '1s', true) end;

lock table only "app"."events" in row exclusive mode;

-- $1 = "\"app\".\"events\""
-- $2 = ["Id","day","it's \"here\"","at","embedding"]
select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as "sqlType"
from pg_catalog.pg_attribute a
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attname = any($2::text[]);

create temporary table relyt_loader_external ("relyt ordinal" bigint, "Id" bigint, "day" date, "it's ""here""" character varying(5), "at" timestamp with time zone, "embedding" vector(3))
on commit drop;

create temporary table relyt_loader_keys (access_key text, secret_key text, session_token text)
on commit drop;

copy pg_temp.relyt_loader_keys from stdin (format csv);
"…","…",""
\.

-- $1 = "relyt_loader_external"
-- $2 = "(format csv, encoding 'UTF8')"
-- $3 = "staging"
-- $4 = "relyt/2026-11-23/0f0e0d0c-0b0a-4908-8706-050403020100/file-000001-e3.csv"
-- $5 = "eu-west-1"
select aws_s3.table_import_from_s3($1::text, ''::text, $2::text,
  aws_commons.create_s3_uri($3::text, $4::text, $5::text), aws_commons.create_aws_credentials(k.access_key, k.secret_key, k.session_token))::text as said
from pg_temp.relyt_loader_keys k;

-- $1 = "relyt_loader_external"
-- $2 = "(format csv, encoding 'UTF8')"
-- $3 = "staging"
-- $4 = "relyt/2026-11-23/0f0e0d0c-0b0a-4908-8706-050403020100/file-000002-e3.csv"
-- $5 = "eu-west-1"
select aws_s3.table_import_from_s3($1::text, ''::text, $2::text,
  aws_commons.create_s3_uri($3::text, $4::text, $5::text), aws_commons.create_aws_credentials(k.access_key, k.secret_key, k.session_token))::text as said
from pg_temp.relyt_loader_keys k;

drop table pg_temp.relyt_loader_keys;

select pg_catalog.count(*) as records, pg_catalog.sum(s."relyt ordinal")::text as ordinals
from pg_temp.relyt_loader_external s;

do '
declare
  n_read bigint := 0; n_winners bigint := 0; n_written bigint := 0; n_found bigint := 0; n_updated bigint := 0;
  n_part bigint; n_away bigint; n_tasks bigint; part record;
begin
  -- insert
  execute ''insert into "app"."events" ("Id", "day", "it''''s ""here""", "at", "embedding")
select "Id", "day", "it''''s ""here""", "at", "embedding" from pg_temp.relyt_loader_external s'';
  get diagnostics n_part = row_count;
  n_read := n_read + n_part;
  n_winners := n_winners + n_part;
  n_written := n_written + n_part;
  perform pg_catalog.set_config(''relyt_loader.counts'', pg_catalog.json_build_object(
  ''read'', n_read, ''winners'', n_winners, ''written'', n_written, ''inserted'', n_written - least(n_found + n_updated, n_written), ''rejected'', 0)::text, true);
end';

select current_setting('relyt_loader.counts')::json as counts;

drop table pg_temp.relyt_loader_external;

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = 1
-- $3 = 2
-- $4 = 2000
-- $5 = 2000
-- $6 = 0
-- $7 = 0
-- $8 = 0
-- $9 = 0
insert into relyt_sys.relyt_loader_import
  (process_id, import_id, files, num_records, rows_inserted, rows_updated, rows_skipped, rows_superseded, rows_rejected,
   started_at, imported_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now(), clock_timestamp());

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = 3
select 1 from relyt_sys.relyt_loader_task where process_id = $1 and epoch = $2 for share;

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = [1,2]
-- $3 = 1
-- $4 = ["IMPORTING"]
update relyt_sys.relyt_loader_file
set status = 'IMPORTED', imported_at = clock_timestamp(), import_id = $3, error = null
where process_id = $1 and file_id = any($2::int8[]) and status = any($4::text[]);

commit;


-- a record is refused ----------

begin isolation level read committed;

-- $1 = "1800000"
select set_config('statement_timeout', $1, true),
       case when current_setting('server_version_num')::int >= 140000
            then set_config('client_connection_check_interval', '1s', true) end;

lock table only "app"."events" in row exclusive mode;

-- $1 = "\"app\".\"events\""
-- $2 = ["Id","day","it's \"here\"","at","embedding"]
select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as "sqlType"
from pg_catalog.pg_attribute a
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attname = any($2::text[]);

create temporary table relyt_loader_external ("relyt ordinal" bigint, "Id" text, "day" text, "it's ""here""" text, "at" text, "embedding" text)
on commit drop;

create temporary table relyt_loader_keys (access_key text, secret_key text, session_token text)
on commit drop;

copy pg_temp.relyt_loader_keys from stdin (format csv);
"…","…",""
\.

-- $1 = "relyt_loader_external"
-- $2 = "(format csv, encoding 'UTF8')"
-- $3 = "staging"
-- $4 = "relyt/2026-11-23/0f0e0d0c-0b0a-4908-8706-050403020100/file-000001-e3.csv"
-- $5 = "eu-west-1"
select aws_s3.table_import_from_s3($1::text, ''::text, $2::text,
  aws_commons.create_s3_uri($3::text, $4::text, $5::text), aws_commons.create_aws_credentials(k.access_key, k.secret_key, k.session_token))::text as said
from pg_temp.relyt_loader_keys k;

-- $1 = "relyt_loader_external"
-- $2 = "(format csv, encoding 'UTF8')"
-- $3 = "staging"
-- $4 = "relyt/2026-11-23/0f0e0d0c-0b0a-4908-8706-050403020100/file-000002-e3.csv"
-- $5 = "eu-west-1"
select aws_s3.table_import_from_s3($1::text, ''::text, $2::text,
  aws_commons.create_s3_uri($3::text, $4::text, $5::text), aws_commons.create_aws_credentials(k.access_key, k.secret_key, k.session_token))::text as said
from pg_temp.relyt_loader_keys k;

drop table pg_temp.relyt_loader_keys;

select pg_catalog.count(*) as records, pg_catalog.sum(s."relyt ordinal")::text as ordinals
from pg_temp.relyt_loader_external s;

do '
begin
  -- stage
  execute ''create temporary table relyt_loader_row on commit drop as
select row_number() over (order by s."relyt ordinal") as "relyt n", s.* from pg_temp.relyt_loader_external s'';
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
  n_all bigint; n_bad bigint := 0;
  n_from bigint := 1; n_to bigint; n_span bigint := 1024;
  all_winners bigint := 0; all_written bigint := 0; all_inserted bigint := 0;
  bad_code text; bad_column text; bad_constraint text; bad_reason text; first_bad text;
  n_part bigint; n_away bigint; n_tasks bigint; part record;
begin
  execute ''select count(*) from pg_temp.relyt_loader_row'' into n_all;
  while n_from <= n_all loop
    n_to := least(n_all, n_from + n_span - 1);
    declare
      n_read bigint := 0; n_winners bigint := 0; n_written bigint := 0; n_found bigint := 0; n_updated bigint := 0;
    begin
      -- insert
      execute ''insert into "app"."events" ("Id", "day", "it''''s ""here""", "at", "embedding")
select "Id", "day", "it''''s ""here""", "at", "embedding" from (select s."relyt ordinal", s."Id"::"pg_catalog"."int8" as "Id", s."day"::"pg_catalog"."date" as "day", s."it''''s ""here"""::"pg_catalog"."varchar" as "it''''s ""here""", s."at"::"pg_catalog"."timestamptz" as "at", s."embedding"::"public"."vector" as "embedding" from pg_temp.relyt_loader_row s where s."relyt n" between $1 and $2) s'' using n_from, n_to;
      get diagnostics n_part = row_count;
      n_written := n_written + n_part;
      all_winners := all_winners + n_winners;
      all_written := all_written + n_written;
      all_inserted := all_inserted + n_written - least(n_found + n_updated, n_written);
      n_from := n_to + 1;
      n_span := n_span * 2;
      continue;
    exception when data_exception or integrity_constraint_violation then
      get stacked diagnostics bad_code = returned_sqlstate, bad_reason = message_text,
        bad_column = column_name, bad_constraint = constraint_name;
    end;
    if n_to > n_from then
      n_span := greatest(1, (n_to - n_from + 1) / 2);
      continue;
    end if;
    bad_column := nullif(bad_column, '''');
    if bad_column is null then
      declare
        s record;
      begin
        execute ''select * from pg_temp.relyt_loader_row s where s."relyt n" = $1'' into s using n_from;
        bad_column := ''Id''; declare tried "app"."events"."Id"%type := s."Id"::"pg_catalog"."int8"; begin end;
        bad_column := ''day''; declare tried "app"."events"."day"%type := s."day"::"pg_catalog"."date"; begin end;
        bad_column := ''it''''s "here"''; declare tried "app"."events"."it''s ""here"""%type := s."it''s ""here"""::"pg_catalog"."varchar"; begin end;
        bad_column := ''at''; declare tried "app"."events"."at"%type := s."at"::"pg_catalog"."timestamptz"; begin end;
        bad_column := ''embedding''; declare tried "app"."events"."embedding"%type := s."embedding"::"public"."vector"; begin end;
        bad_column := null;
      exception when data_exception or integrity_constraint_violation then
        null;
      end;
    end if;
    n_bad := n_bad + 1;
    -- Where on a cluster it happened is no news to the caller, and differs from run to run.
    bad_reason := left(regexp_replace(bad_reason, ''[[:space:]]*\\(seg[0-9]+ [^)]*pid=[0-9]+\\)$'', ''''), 500);
    if n_bad = 1 then
      execute ''select json_build_object(''''record'''', "relyt ordinal", ''''code'''', $2, ''''column'''', $3, ''''reason'''', $4, ''''constraint'''', $5)::text from pg_temp.relyt_loader_row s where s."relyt n" = $1''
        into first_bad using n_from, bad_code, bad_column, bad_reason, nullif(bad_constraint, '''');
    end if;
    if n_bad > 10 then
      raise exception ''too many rejected records'' using errcode = ''RL001'', detail = first_bad;
    end if;
    execute ''insert into pg_temp.relyt_loader_bad values ($1, $2, $3, $4, $5)'' using n_from, bad_code, bad_column, nullif(bad_constraint, ''''), bad_reason;
    n_from := n_from + 1;
    n_span := 1024;
  end loop;
  perform pg_catalog.set_config(''relyt_loader.counts'', pg_catalog.json_build_object(
  ''read'', n_all - n_bad, ''winners'', n_all - n_bad, ''written'', all_written, ''inserted'', all_inserted, ''rejected'', n_bad)::text, true);
end';

select current_setting('relyt_loader.counts')::json as counts;

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = [1,2]
insert into relyt_sys.relyt_loader_reject
  (process_id, record_ordinal, file_id, source_position, stage, code, column_name, constraint_name, reason, record, created_at)
select $1, s."relyt ordinal", f.file_id, f.source_position, 'import', b.code, b.column_name, b.constraint_name, b.reason,
       (select row_to_json(r) from (select s."Id", s."day", s."it's ""here""", s."at", s."embedding") r), now()
from pg_temp.relyt_loader_bad b
join pg_temp.relyt_loader_row s on s."relyt n" = b."relyt n"
left join relyt_sys.relyt_loader_file f on f.process_id = $1 and f.file_id = any($2::int8[])
  and s."relyt ordinal" between f.first_ordinal and f.last_ordinal
returning record_ordinal as ordinal, code, column_name as "column", constraint_name as "constraint", reason;

drop table pg_temp.relyt_loader_external;

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = 1
-- $3 = 2
-- $4 = 2000
-- $5 = 1999
-- $6 = 0
-- $7 = 0
-- $8 = 0
-- $9 = 1
insert into relyt_sys.relyt_loader_import
  (process_id, import_id, files, num_records, rows_inserted, rows_updated, rows_skipped, rows_superseded, rows_rejected,
   started_at, imported_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now(), clock_timestamp());

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = 3
select 1 from relyt_sys.relyt_loader_task where process_id = $1 and epoch = $2 for share;

-- $1 = "0f0e0d0c-0b0a-4908-8706-050403020100"
-- $2 = [1,2]
-- $3 = 1
-- $4 = ["IMPORTING"]
update relyt_sys.relyt_loader_file
set status = 'IMPORTED', imported_at = clock_timestamp(), import_id = $3, error = null
where process_id = $1 and file_id = any($2::int8[]) and status = any($4::text[]);

commit;
