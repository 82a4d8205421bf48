/** Which constraint refused a record: its name is what you look for in the definition of the table. */
export const rejectConstraint = `
alter table relyt_sys.relyt_loader_reject add column constraint_name text;
`;
