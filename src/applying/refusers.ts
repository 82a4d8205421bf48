import { SQLSTATE } from '../core/sqlstate.ts';
import type { TargetTable } from '../core/target-table.ts';
import type { Lines } from '../database/do-block.ts';
import { literal } from '../database/statement.ts';
import { type InsertPlan, nameOf } from './plan.ts';

/**
 * PL/pgSQL that names what refuses a row besides types and constraints: `bad_trigger` and `bad_policies`, as SQL spells
 * them, and the same in words in `bad_reason`. The database names a trigger nowhere, and a policy only sometimes.
 */
export function findRefusers(plan: InsertPlan): Lines {
  return [
    'bad_trigger := null;',
    'bad_policies := null;',
    `execute ${literal(triggersIn(plan))} into bad_trigger using bad_context;`,
    'if bad_trigger is not null then',
    `  bad_reason := pg_catalog.concat(bad_reason, ' (trigger ', bad_trigger, ')');`,
    ...(plan.dialect.modernCatalogue ? findPolicies(plan) : []),
    'end if;',
  ];
}

/** Only with row security a row is refused by a missing right: what the statement needs was looked at without any row. */
function findPolicies(plan: InsertPlan): Lines {
  return [
    `elsif bad_code = '${SQLSTATE.insufficientPrivilege}' then`,
    `  execute ${literal(policiesOf(plan))} into bad_policies;`,
    `  bad_reason := pg_catalog.concat(bad_reason, ' (policies that apply: ' || bad_policies || ')');`,
  ];
}

/** Row triggers whose function is in the context of the error, $1. */
function triggersIn(plan: InsertPlan): string {
  return `select pg_catalog.string_agg(distinct pg_catalog.quote_ident(g.tgname), ', ')
from pg_catalog.pg_trigger g join pg_catalog.pg_proc f on f.oid operator(pg_catalog.=) g.tgfoid
where not g.tgisinternal and (${tablesOf(plan, 'g.tgrelid')})
  and (${stands(' ')} or ${stands('.')})`;
}

/** Whether the name of the function `f` is in $1 after this character, with or without its schema. */
function stands(after: ' ' | '.'): string {
  return `pg_catalog.strpos($1, pg_catalog.concat('${after}', pg_catalog.quote_ident(f.proname), '()')) operator(pg_catalog.>) 0`;
}

/** NULL where no row security is in force: then another right was missing, in a function that was called. */
function policiesOf(plan: InsertPlan): string {
  return `select pg_catalog.string_agg(coalesce((
  select pg_catalog.string_agg(pg_catalog.quote_ident(p.polname), ', ') from pg_catalog.pg_policy p
  where p.polrelid operator(pg_catalog.=) c.oid and p.polcmd operator(pg_catalog.<>) 'r' and p.polcmd operator(pg_catalog.<>) 'd'
    and exists (select 1 from pg_catalog.unnest(p.polroles) as a (role)
      where a.role operator(pg_catalog.=) 0 or pg_catalog.pg_has_role(a.role, 'USAGE'))
), 'none'), ', ')
from pg_catalog.pg_class c where (${tablesOf(plan, 'c.oid')}) and pg_catalog.row_security_active(c.oid)`;
}

/** Whether the table `oid` is one that the import writes, or a partition of it. */
function tablesOf({ table, auxiliary }: InsertPlan, oid: string): string {
  const tables = auxiliary === undefined ? [table] : [table, auxiliary.table];
  return tables.map((it) => isPartOf(it, oid)).join(' or ');
}

function isPartOf(table: TargetTable, oid: string): string {
  const target = `${literal(nameOf(table))}::pg_catalog.regclass`;
  return table.kind === 'table'
    ? `${oid} operator(pg_catalog.=) ${target}`
    : `exists (select 1 from pg_catalog.pg_partition_tree(${target}) as part where part.relid operator(pg_catalog.=) ${oid})`;
}
