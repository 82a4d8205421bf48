/**
 * Of a staged file: the ordinals that its rows leave out, where they hold none themselves, and what its import does with
 * a key that is there already. NULL in a row of an older version: the rows hold ordinals, and the mode is the task's.
 */
export const rowOrdinalColumns = `
alter table relyt_sys.relyt_loader_file add column ordinal_gaps jsonb;
alter table relyt_sys.relyt_loader_file add column conflict_mode text;
`;
