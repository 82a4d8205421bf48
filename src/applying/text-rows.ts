import { NUMBER_COLUMN, ORDINAL_COLUMN } from '../core/reserved-columns.ts';
import type { TargetColumn } from '../core/target-table.ts';
import { baseTypeName } from '../database/column-type.ts';
import { doBlock, type Lines } from '../database/do-block.ts';
import { ident, type Statement } from '../database/statement.ts';
import { type ApplyStep, stepLines } from './apply-step.ts';
import type { InsertPlan } from './plan.ts';
import { analyze, holdAutomaticStatistics } from './statistics.ts';

/** The rows of an isolation as text, numbered by ordinal; dropped with its transaction. */
export const TEXT_ROWS = 'pg_temp.relyt_loader_row';
/** Numbers of those that are refused, and why. */
export const BAD_ROWS = 'pg_temp.relyt_loader_bad';
export const N = ident(NUMBER_COLUMN);

/** Brings the staged files, as text, into a temporary table. */
export const stageText = (plan: InsertPlan, guard: Lines): Statement => ({
  name: 'stageText',
  text: doBlock([], stepLines(stageSteps(plan), { guard })),
});

function stageSteps(plan: InsertPlan): readonly ApplyStep[] {
  const { source, dialect } = plan;
  // The rows of a range are then found by their number, on whichever segment.
  const spread = dialect.distributed ? ` distributed by (${N})` : '';
  return [
    ...holdAutomaticStatistics(dialect),
    {
      name: 'stage',
      text: `create temporary table relyt_loader_row${dialect.temporaryKind} on commit drop as
select pg_catalog.row_number() over (order by s.${ident(ORDINAL_COLUMN)}) as ${N}, s.* from ${source} s${spread}`,
      readsFiles: true,
    },
    // A deferred constraint would otherwise refuse the commit, when it is too late to find the record.
    { name: 'check at once', text: 'set constraints all immediate' },
    { name: 'index', text: `create unique index on ${TEXT_ROWS} (${N})` },
    analyze(TEXT_ROWS),
    {
      name: 'make room for bad rows',
      text: `create temporary table relyt_loader_bad (${N} bigint, code text, column_name text, constraint_name text, reason text)${dialect.temporaryKind} on commit drop${spread}`,
    },
  ];
}

/** Those of the staged rows that meet the condition on `s`, with the types and names of the target, as a relation. */
export function typedRows({ columns }: InsertPlan, condition: string): string {
  const values = columns.map((column) => `${typedValue(column)} as ${ident(column.name)}`);
  return `(select s.${ident(ORDINAL_COLUMN)}, ${values.join(', ')} from ${TEXT_ROWS} s where ${condition})`;
}

/**
 * Text becomes the column's base type without its modifier, and the assignment does the rest: an explicit cast
 * to varchar(5) or bit(3) would cut the value silently, the assignment refuses it.
 */
export function typedValue(column: TargetColumn): string {
  return `s.${ident(column.name)}::${baseTypeName(column.type)}`;
}
