/**
 * By what an import tells whether the object it reads is the one that was staged; NULL for files that an older version
 * staged. Greenplum 6 has no `add column if not exists`.
 */
export const fileBytes = `
alter table relyt_sys.relyt_loader_file add column etag text;
alter table relyt_sys.relyt_loader_file add column crc32 bigint;
alter table relyt_sys.relyt_loader_file add column ordinal_sum numeric;
`;
