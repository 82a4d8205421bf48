import { SQLSTATE } from '../core/sqlstate.ts';
import type { TargetColumn } from '../core/target-table.ts';
import { indented, type Lines } from '../database/do-block.ts';
import { ident, literal } from '../database/statement.ts';
import { underRolePathLines } from './apply-step.ts';
import { type InsertPlan, nameOf } from './plan.ts';
import { REFUSALS } from './refusal-conditions.ts';
import { N, TEXT_ROWS, typedValue } from './text-rows.ts';

/** Which column of a refused row is at fault, where the database does not say. */

/**
 * Tries the values one by one, each as a variable of its column's type: the assignment refuses what that type, its
 * modifier or its domain refuses, and no other column has a part in it. `bad_column` is what is being tried, and keeps
 * its value when that fails.
 */
export function findRefusingColumn(plan: InsertPlan): Lines {
  return [
    'if bad_column is null then',
    '  declare',
    '    s record;',
    '  begin',
    `    execute ${literal(`select * from ${TEXT_ROWS} s where s.${N} = $1`)} into s using n_from;`,
    ...indented(indented(underRolePathLines(plan.columns.map((column) => tryAlone(plan, column))))),
    '    bad_column := null;',
    `  exception when ${REFUSALS} then`,
    '    null;',
    '  end;',
    'end if;',
  ];
}

/** The value comes with the declaration, because a variable of a NOT NULL domain must not be empty even before. */
function tryAlone({ dialect, table }: InsertPlan, column: TargetColumn): string {
  const type = `${nameOf(table)}.${ident(column.name)}%type`;
  // Before PostgreSQL 11 a composite variable takes no value there; nor are there domains of it.
  const attempt =
    column.type.kind === 'composite' && !dialect.modernCatalogue
      ? `perform ${typedValue(column)};`
      : `declare tried ${type} := ${typedValue(column)}; begin end;`;
  return `bad_column := ${literal(column.name)}; ${attempt}`;
}

/** A segment that refuses NULL says in words only which column must not be empty. */
export function findEmptyColumn({ table, columns }: InsertPlan): Lines {
  const names = columns.map(({ name }) => literal(name)).join(', ');
  const empty = `select a.attname::text from pg_catalog.pg_attribute a cross join ${TEXT_ROWS} s
where s.${N} = $1 and a.attrelid = ${literal(nameOf(table))}::regclass and a.attnotnull and a.attname::text = any($2)
  and (pg_catalog.row_to_json(s.*) ->> a.attname::text) is null
order by a.attnum limit 1`;
  return [
    `if bad_column is null and bad_code = '${SQLSTATE.notNullViolation}' then`,
    `  execute ${literal(empty)} into bad_column using n_from, array[${names}]::text[];`,
    'end if;',
  ];
}
