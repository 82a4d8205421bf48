/**
 * Of a staged file: how it is written, for which columns, and which position of the source was reached when its
 * generation was closed, and the ordinal of the last record before it (`source_position` is the one that the last call was heading for). NULL in a row of an older
 * version: CSV, for the columns of the task, at no known position.
 */
export const fileLayout = `
alter table relyt_sys.relyt_loader_file add column layout text;
alter table relyt_sys.relyt_loader_file add column staged_columns text[];
alter table relyt_sys.relyt_loader_file add column reached_position jsonb;
alter table relyt_sys.relyt_loader_file add column reached_ordinal bigint;
`;
