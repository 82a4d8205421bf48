/** Which constraint refused a record: its name is what somebody looks for in the table's definition. */
export const rejectConstraint = `
alter table relyt_sys.relyt_loader_reject add column constraint_name text;
`;
