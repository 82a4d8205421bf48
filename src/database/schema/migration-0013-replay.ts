/**
 * Ordinal of the last record before the position of a task; NULL when that is `last_ordinal`, as with every row of a
 * version that froze at positions only. Such a version would take over a task whose position lies behind, and load the
 * records between twice. It does not write `replay_epoch` when it takes the next epoch, so the constraint refuses it.
 */
export const replay = `
alter table relyt_sys.relyt_loader_task add column replay_after bigint;
alter table relyt_sys.relyt_loader_task add column replay_epoch bigint;
alter table relyt_sys.relyt_loader_task add constraint relyt_loader_task_needs_newer_version
  check (replay_after is null or (replay_epoch is not null and replay_epoch operator(pg_catalog.=) epoch));
`;
