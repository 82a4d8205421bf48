import type { Dialect } from '../../core/dialect.ts';
import { ownerFacts } from './owner-facts.ts';
import {
  addOwner,
  LOADS_MAIN_TABLE,
  OWN_ROW,
  type Policy,
  policySql,
  underOwnTask,
} from './row-ownership.ts';

/** Rows of these stand under a task. */
const OF_A_TASK = ['relyt_loader_file', 'relyt_loader_import', 'relyt_loader_reject'] as const;

/** Rows of these are about a table. */
const OF_A_TABLE = ['relyt_loader_move', 'relyt_loader_routing'] as const;

/**
 * The role that alone could load until now. Where there are several, nothing tells whose an older task is: it becomes
 * the installer's, because what all could write must not become what one of them owns.
 */
const ONLY_LOADER = `
    select case when pg_catalog.count(*) operator(pg_catalog.=) 1 then pg_catalog.min(r.rolname::text) end
    from pg_catalog.pg_class c
    cross join lateral pg_catalog.aclexplode(c.relacl) a
    left join pg_catalog.pg_roles r on r.oid operator(pg_catalog.=) a.grantee
    where c.oid operator(pg_catalog.=) 'relyt_sys.relyt_loader_task'::pg_catalog.regclass
      and a.privilege_type operator(pg_catalog.=) 'INSERT' and a.grantee operator(pg_catalog.<>) c.relowner`;

/**
 * Every row of a task belongs to the role that created the task (G6, G7). The checkpoint table keeps its columns, so its
 * rows go by their task; one without a task is the Go SDK's and open to all who have rights on the table, as before.
 */
export const owners = (dialect: Dialect): string =>
  [
    ...['relyt_loader_task', ...OF_A_TASK].map((table) => addOwner(table, ONLY_LOADER)),
    ...OF_A_TABLE.map((table) => addOwner(table, 'null')),
    ownerFacts(dialect),
    ...(dialect.rowSecurity ? ownerPolicies(dialect).map(policySql) : []),
    dialect.rowSecurity && !dialect.distributed ? SEE_OWN_TASKS : '',
  ].join('');

/** Of all tables that this migration knows. */
export function ownerPolicies(dialect: Dialect): readonly Policy[] {
  const ofTables: readonly Policy[] = [
    ...OF_A_TABLE.map(
      (table): Policy => ({
        table,
        using: OWN_ROW,
        check: `(${OWN_ROW}) and ${LOADS_MAIN_TABLE}`,
      }),
    ),
    // An import that missed a move would lose rows. A move tells keys, so only to roles that load the table.
    { table: 'relyt_loader_move', command: 'select', using: LOADS_MAIN_TABLE },
    { table: 'relyt_loader_routing', command: 'select', using: 'true' },
  ];
  return [...(dialect.distributed ? plainPolicies() : taskPolicies()), ...ofTables];
}

/** On segments a policy cannot look at another table, and no function of ours at any. */
function plainPolicies(): readonly Policy[] {
  return ['relyt_loader_task', ...OF_A_TASK].map((table) => ({
    table,
    using: OWN_ROW,
    check: OWN_ROW,
  }));
}

function taskPolicies(): readonly Policy[] {
  return [
    { table: 'relyt_loader_task', using: OWN_ROW, check: OWN_ROW },
    // A task row under the id of a checkpoint that is there already would hide it, or take it over.
    {
      table: 'relyt_loader_task',
      command: 'insert',
      restrictive: true,
      check: 'not relyt_sys.relyt_loader_checkpoint_exists(process_id)',
    },
    ...OF_A_TASK.map((table) => ({ table, using: OWN_ROW, check: underOwnTask(table) })),
    { table: 'relyt_loader_checkpoint', using: OWN_CHECKPOINT, check: OWN_CHECKPOINT },
  ];
}

/** The policy of the checkpoint table looks for tasks with the rights of the role that reads it: a role of the Go SDK, too. */
const SEE_OWN_TASKS = `
grant select (process_id) on relyt_sys.relyt_loader_task to public;
`;

/** The function runs for rows that are not this role's only; a subquery would take the tasks it cannot see for none. */
const OWN_CHECKPOINT = `exists (
    select from relyt_sys.relyt_loader_task t
    where t.process_id operator(pg_catalog.=) relyt_loader_checkpoint.process_id)
  or not relyt_sys.relyt_loader_task_exists(process_id)`;
