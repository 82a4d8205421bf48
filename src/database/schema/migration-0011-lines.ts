/**
 * Where a record stands in its source, so that a rejected one is found there: of a staged file as runs of ordinals,
 * because few of its records will ever be asked for. May run again; Greenplum 6 has no `add column if not exists`.
 */
export const recordLines = `
do $$
begin
  if not exists (
    select 1 from pg_catalog.pg_attribute a
    where a.attrelid operator(pg_catalog.=) 'relyt_sys.relyt_loader_file'::pg_catalog.regclass
      and a.attname operator(pg_catalog.=) 'source_lines' and not a.attisdropped
  ) then
    alter table relyt_sys.relyt_loader_file add column source_lines jsonb;
  end if;
  if not exists (
    select 1 from pg_catalog.pg_attribute a
    where a.attrelid operator(pg_catalog.=) 'relyt_sys.relyt_loader_reject'::pg_catalog.regclass
      and a.attname operator(pg_catalog.=) 'source_line' and not a.attisdropped
  ) then
    alter table relyt_sys.relyt_loader_reject add column source_line bigint;
  end if;
end $$;
`;
