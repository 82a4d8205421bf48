/**
 * Where the source stood when a file was frozen, so that a record of it which the database refuses can be found there
 * again. Greenplum 6 has no `add column if not exists`.
 */
export const filePosition = `
alter table relyt_sys.relyt_loader_file add column source_position jsonb;
`;
