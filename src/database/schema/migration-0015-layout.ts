/** How a staged file is written; null in a row of an older version, which is CSV. */
export const fileLayout = `
alter table relyt_sys.relyt_loader_file add column layout text;
`;
