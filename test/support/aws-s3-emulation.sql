-- What Amazon RDS and Aurora have as the extensions aws_commons and aws_s3, for servers that run curl: the same
-- schemas, types, functions, answers and rights, as far as imports go. As the real one does, it signs a URL, asks
-- for its first byte, and copies. Runs as a superuser, in a database of tests only.

create schema aws_commons;
create schema aws_s3;

create type aws_commons._s3_uri_1 as (bucket text, file_path text, region text);
create type aws_commons._aws_credentials_1 as (access_key text, secret_key text, session_token text);

create function aws_commons.create_s3_uri(s3_bucket text, s3_key text, aws_region text)
returns aws_commons._s3_uri_1
language sql immutable as 'select row($1, $2, $3)::aws_commons._s3_uri_1';

create function aws_commons.create_aws_credentials(access_key text, secret_key text, session_token text)
returns aws_commons._aws_credentials_1
language sql immutable as 'select row($1, $2, $3)::aws_commons._aws_credentials_1';

-- What an instance of RDS just knows. `role` are the keys of the IAM role attached to it, null when none is.
create table aws_s3.emulated_instance (
  endpoint text not null,
  role aws_commons._aws_credentials_1
);

create function aws_s3.emulated_hmac(key bytea, message text) returns bytea
language plpgsql immutable as $$
declare
  block bytea := case when length(key) > 64 then sha256(key) else key end;
  inner_key bytea;
  outer_key bytea;
begin
  block := block || decode(repeat('00', 64 - length(block)), 'hex');
  inner_key := block;
  outer_key := block;
  for i in 0 .. 63 loop
    inner_key := set_byte(inner_key, i, get_byte(block, i) # 54);
    outer_key := set_byte(outer_key, i, get_byte(block, i) # 92);
  end loop;
  return sha256(outer_key || sha256(inner_key || convert_to(message, 'UTF8')));
end $$;

-- Everything is escaped but what a URL, and the shell between single quotes, take as it is.
create function aws_s3.emulated_escape(plain text, kept text) returns text
language sql immutable as $$
  select coalesce(string_agg(
    case when chr(b.byte) ~ '[A-Za-z0-9._~-]' or position(chr(b.byte) in kept) > 0
         then chr(b.byte) else '%' || upper(lpad(to_hex(b.byte), 2, '0')) end, '' order by b.n), '')
  from (select n, get_byte(convert_to(plain, 'UTF8'), n) as byte
        from generate_series(0, octet_length(convert_to(plain, 'UTF8')) - 1) n) b
  where b.byte > 0
$$;

create function aws_s3.emulated_url(
  endpoint text, place aws_commons._s3_uri_1, keys aws_commons._aws_credentials_1
) returns text
language plpgsql volatile as $$
declare
  moment text := to_char(clock_timestamp() at time zone 'utc', 'YYYYMMDD"T"HH24MISS"Z"');
  scope text := left(moment, 8) || '/' || place.region || '/s3/aws4_request';
  path text := aws_s3.emulated_escape('/' || place.bucket || '/' || place.file_path, '/');
  query text := 'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential='
    || aws_s3.emulated_escape(keys.access_key || '/' || scope, '')
    || '&X-Amz-Date=' || moment || '&X-Amz-Expires=3600'
    || coalesce('&X-Amz-Security-Token=' || aws_s3.emulated_escape(nullif(keys.session_token, ''), ''), '')
    || '&X-Amz-SignedHeaders=host';
  request text := concat_ws(E'\n', 'GET', path, query,
    'host:' || regexp_replace(endpoint, '^https?://', ''), '', 'host', 'UNSIGNED-PAYLOAD');
  signing bytea := convert_to('AWS4' || keys.secret_key, 'UTF8');
  part text;
begin
  foreach part in array string_to_array(scope, '/') loop
    signing := aws_s3.emulated_hmac(signing, part);
  end loop;
  signing := aws_s3.emulated_hmac(signing, concat_ws(E'\n', 'AWS4-HMAC-SHA256', moment, scope,
    encode(sha256(convert_to(request, 'UTF8')), 'hex')));
  return endpoint || path || '?' || query || '&X-Amz-Signature=' || encode(signing, 'hex');
end $$;

-- Size of the object. What the server says against the URL becomes the error of the real extension, which has an
-- SQLSTATE of class 08: AWS's own JDBC wrapper takes it for a broken connection. An empty object is HTTP 416.
create function aws_s3.emulated_validate(url text) returns bigint
language plpgsql volatile as $$
declare
  answer record;
  problem text;
begin
  create temporary table emulated_answer (status int, content_range text, problem text);
  execute format('copy pg_temp.emulated_answer from program %L (format csv)',
    'curl -q -s -o /dev/null -r 0-0 --connect-timeout 10 --max-time 60 -w ''%{http_code},"%header{content-range}","%{errormsg}"'' ' || quote_literal(url) || ' || true');
  select * into strict answer from pg_temp.emulated_answer;
  drop table pg_temp.emulated_answer;
  if answer.status = 206 then
    return substring(answer.content_range from '/([0-9]+)$')::bigint;
  end if;
  problem := case when answer.status = 0 then answer.problem else 'HTTP ' || answer.status end;
  raise exception 'Unable to validate pre-signed URL. Error: %. Check your arguments and try again.', problem
    using errcode = '08000';
end $$;

-- Errors are raised anew: the context of the original quotes the COPY statement, and with it the signed URL.
create function aws_s3.emulated_copy(target regclass, column_list text, options text, url text) returns bigint
language plpgsql volatile as $$
declare
  imported bigint;
  code text;
  reason text;
  more text;
begin
  execute format('copy %s %s from program %L %s', target,
    case when trim(column_list) = '' then '' else '(' || column_list || ')' end,
    'curl -q -fs --compressed --connect-timeout 10 --speed-limit 1 --speed-time 60 ' || quote_literal(url), options);
  get diagnostics imported = row_count;
  return imported;
exception when others then
  get stacked diagnostics code = returned_sqlstate, reason = message_text, more = pg_exception_detail;
  if code = '38000' then
    raise exception 'Unable to read the file from S3: %', more using errcode = '08000';
  end if;
  raise exception '%', reason using errcode = code, detail = more;
end $$;

create function aws_s3.emulated_import(
  target regclass, table_name text, column_list text, options text, place aws_commons._s3_uri_1,
  credentials aws_commons._aws_credentials_1, endpoint_url text
) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  instance aws_s3.emulated_instance;
  keys aws_commons._aws_credentials_1 := credentials;
  url text;
  bytes bigint;
  imported bigint;
begin
  if not has_table_privilege(session_user, target, 'INSERT') then
    raise exception 'permission denied for table %', target using errcode = '42501';
  end if;
  select * into strict instance from aws_s3.emulated_instance;
  if keys.access_key is null then
    keys := instance.role;
  end if;
  if keys.access_key is null then
    raise exception 'Credentials stored with the database cluster can''t be accessed'
      using errcode = '28000',
            hint = 'Has the IAM role Amazon Resource Name (ARN) been associated with the feature-name "s3Import"?';
  end if;
  url := aws_s3.emulated_url(coalesce(endpoint_url, instance.endpoint), place, keys);
  bytes := aws_s3.emulated_validate(url);
  imported := aws_s3.emulated_copy(target, column_list, options, url);
  return format('%s rows imported into relation "%s" from file %s of %s bytes',
    imported, table_name, place.file_path, bytes);
end $$;

-- As the real ones, which are C, they look no name of theirs up by the search path of the caller.
create function aws_s3.table_import_from_s3(
  table_name text, column_list text, options text,
  s3_info aws_commons._s3_uri_1, credentials aws_commons._aws_credentials_1 default null
) returns text
language sql volatile as 'select aws_s3.emulated_import($1::pg_catalog.regclass, $1, $2, $3, $4, $5, null)';

create function aws_s3.table_import_from_s3(
  table_name text, column_list text, options text, bucket text, file_path text, region text,
  access_key text default null, secret_key text default null, session_token text default null
) returns text
language sql volatile as
'select aws_s3.emulated_import($1::pg_catalog.regclass, $1, $2, $3, row($4, $5, $6)::aws_commons._s3_uri_1,
                               row($7, $8, $9)::aws_commons._aws_credentials_1, null)';

-- The forms with an endpoint, which only emulations have.
create function aws_s3.table_import_from_s3(
  table_name text, column_list text, options text,
  s3_info aws_commons._s3_uri_1, credentials aws_commons._aws_credentials_1, endpoint_url text
) returns text
language sql volatile as 'select aws_s3.emulated_import($1::pg_catalog.regclass, $1, $2, $3, $4, $5, $6)';

create function aws_s3.table_import_from_s3(
  table_name text, column_list text, options text, bucket text, file_path text, region text,
  access_key text, secret_key text, session_token text, endpoint_url text
) returns text
language sql volatile as
'select aws_s3.emulated_import($1::pg_catalog.regclass, $1, $2, $3, row($4, $5, $6)::aws_commons._s3_uri_1,
                               row($7, $8, $9)::aws_commons._aws_credentials_1, $10)';

revoke execute on all functions in schema aws_commons, aws_s3 from public;
