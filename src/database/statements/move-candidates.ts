import { ident, qualified, type Statement } from '../statement.ts';

export interface GroupedTable {
  readonly schema: string;
  readonly table: string;
  readonly group: string;
  readonly groupByText: boolean;
}

interface RoutingName {
  readonly schema: string;
  readonly name: string;
}

export interface CandidateRow {
  readonly group: string;
  readonly rows: number;
}

/** Groups with at least `threshold` rows in the main table, the biggest first; those on their way are left out. */
export const bigGroups = (main: GroupedTable, mainTable: string, threshold: number): Statement => ({
  name: 'bigGroups',
  text: `select g.id as "group", g.rows
from (${countedGroups(main)} having count(*) >= $2) g
where not exists (
  select 1 from relyt_sys.relyt_loader_move v where v.main_table = $1 and v.routing_id = g.id
)
order by g.rows desc, g.id`,
  values: [mainTable, threshold],
});

/** Routed groups with fewer rows than that in the auxiliary table, the smallest first. */
export const smallGroups = (
  auxiliary: GroupedTable,
  routing: RoutingName,
  { mainTable, threshold }: { readonly mainTable: string; readonly threshold: number },
): Statement => ({
  name: 'smallGroups',
  text: `select r.routing_id::text as "group", coalesce(g.rows, 0) as rows
from ${qualified(routing.schema, routing.name)} r
left join (${countedGroups(auxiliary)}) g on g.id = r.routing_id::text
where coalesce(g.rows, 0) < $2 and not exists (
  select 1 from relyt_sys.relyt_loader_move v where v.main_table = $1 and v.routing_id = r.routing_id::text
)
order by 2, 1`,
  values: [mainTable, threshold],
});

/**
 * Rows without a group always stay where they are. Groups are spelled in the collation of the database, as the routing
 * table has them: in one of the column's own, different texts may be equal.
 */
function countedGroups({ schema, table, group, groupByText }: GroupedTable): string {
  const column = `t.${ident(group)}`;
  const spelled = `${column}::text collate "default"`;
  return `select ${spelled} as id, count(*) as rows from ${qualified(schema, table)} t
  where ${column} is not null group by ${groupByText ? spelled : column}`;
}

/** What would be lost or seen wrongly if rows of the table were deleted and inserted elsewhere. */
export const obstacles = (
  table: { readonly schema: string; readonly name: string },
  hasRowSecurity: boolean,
): Statement => {
  const relation = `$1::pg_catalog.regclass`;
  return {
    name: 'obstacles',
    text: `select (select con.conrelid::pg_catalog.regclass::text from pg_catalog.pg_constraint con
        where con.confrelid = ${relation} and con.contype = 'f' order by con.conname limit 1) as "referencedBy",
       ${hasRowSecurity ? `pg_catalog.row_security_active(${relation})` : 'false'} as "rowSecurity"`,
    values: [qualified(table.schema, table.name)],
  };
};
