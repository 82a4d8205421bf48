/**
 * Where a record stands in its source, so that a rejected one is found there: of a staged file as runs of ordinals,
 * because few of its records will ever be asked for. Greenplum 6 has no `add column if not exists`.
 */
export const recordLines = `
alter table relyt_sys.relyt_loader_file add column source_lines jsonb;
alter table relyt_sys.relyt_loader_reject add column source_line bigint;
`;
