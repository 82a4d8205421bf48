begin isolation level read committed;

select pg_catalog.set_config('relyt_loader.role_path', pg_catalog.current_setting('search_path'), true);

select pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true), pg_catalog.set_config('plpgsql.extra_errors', 'none', true),
       case when pg_catalog.current_setting('synchronous_commit') operator(pg_catalog.=) 'off'
            then pg_catalog.set_config('synchronous_commit', 'on', true) end;

select set_config(r.name, r.value, true)
from (values ('DateStyle', 'ISO, MDY'),
             ('IntervalStyle', 'postgres'),
             ('array_nulls', 'on'),
             ('bytea_output', 'hex'),
             ('check_function_bodies', 'on'),
             ('default_table_access_method', 'heap'),
             ('default_with_oids', 'off'),
             ('exit_on_error', 'off'),
             ('extra_float_digits', '3'),
             ('gin_fuzzy_search_limit', '0'),
             ('idle_in_transaction_session_timeout', '0'),
             ('lock_timeout', '0'),
             ('quote_all_identifiers', 'off'),
             ('restrict_nonsystem_relation_kind', ''),
             ('row_security', 'on'),
             ('sql_inheritance', 'on'),
             ('standard_conforming_strings', 'on'),
             ('statement_timeout', '0'),
             ('track_counts', 'on'),
             ('transaction_timeout', '0'),
             ('transform_null_equals', 'off'),
             ('xmlbinary', 'base64'),
             ('xmloption', 'content')) r (name, value);

select pg_catalog.set_config('search_path', pg_catalog.current_setting('relyt_loader.role_path'), true);

commit;