import { ORDINAL_COLUMN } from '../core/reserved-columns.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import type { TargetColumn } from '../core/target-table.ts';
import { indented, type Lines } from '../database/do-block.ts';
import { ident, literal, type Statement } from '../database/statement.ts';
import { underRolePathLines } from './apply-step.ts';
import { type InsertPlan, nameOf } from './plan.ts';
import { BAD_ROWS, N, TEXT_ROWS, typedValue } from './text-rows.ts';

/** Conditions of PL/pgSQL that mean a record is at fault: classes 22 and 23. */
export const REFUSALS = 'data_exception or integrity_constraint_violation';

/** PL/pgSQL that keeps row n_from as a bad one: bad_code, bad_reason and bad_constraint say why, bad_column if it is known. */
export function noteBadRow(plan: InsertPlan, maxBad: number): Lines {
  return [
    `bad_column := nullif(bad_column, '');`,
    ...findRefusingColumn(plan),
    ...(plan.dialect.distributed ? findEmptyColumn(plan) : []),
    'n_bad := n_bad + 1;',
    '-- Where on a cluster it happened is no news to the caller, and differs from run to run.',
    `bad_reason := left(regexp_replace(bad_reason, '[[:space:]]*\\(seg[0-9]+ [^)]*pid=[0-9]+\\)$', ''), 500);`,
    'if n_bad = 1 then',
    `  execute ${literal(`select json_build_object('record', ${ident(ORDINAL_COLUMN)}, 'code', $2, 'column', $3, 'reason', $4, 'constraint', $5)::text from ${TEXT_ROWS} s where s.${N} = $1`)}`,
    `    into first_bad using n_from, bad_code, bad_column, bad_reason, nullif(bad_constraint, '');`,
    'end if;',
    `if n_bad > ${maxBad} then`,
    `  raise exception 'too many rejected records' using errcode = '${SQLSTATE.tooManyBadRecords}', detail = first_bad;`,
    'end if;',
    `execute 'insert into ${BAD_ROWS} values ($1, $2, $3, $4, $5)' using n_from, bad_code, bad_column, nullif(bad_constraint, ''), bad_reason;`,
  ];
}

/**
 * Tries the values one by one, each as a variable of its column's type: the assignment refuses what that type, its
 * modifier or its domain refuses, and no other column has a part in it. `bad_column` is what is being tried, and keeps
 * its value when that fails.
 */
function findRefusingColumn(plan: InsertPlan): Lines {
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
function findEmptyColumn({ table, columns }: InsertPlan): Lines {
  const names = columns.map(({ name }) => literal(name)).join(', ');
  const empty = `select a.attname::text from pg_catalog.pg_attribute a cross join ${TEXT_ROWS} s
where s.${N} = $1 and a.attrelid = ${literal(nameOf(table))}::regclass and a.attnotnull and a.attname::text = any($2)
  and (row_to_json(s) ->> a.attname::text) is null
order by a.attnum limit 1`;
  return [
    `if bad_column is null and bad_code = '${SQLSTATE.notNullViolation}' then`,
    `  execute ${literal(empty)} into bad_column using n_from, array[${names}]::text[];`,
    'end if;',
  ];
}

/** Keeps the bad rows as rejected records, and returns them. */
export const keepBadRows = (
  { columns }: InsertPlan,
  processId: string,
  fileIds: readonly number[],
): Statement => ({
  name: 'keepBadRows',
  text: `insert into relyt_sys.relyt_loader_reject
  (process_id, record_ordinal, file_id, source_position, stage, code, column_name, constraint_name, reason, record, created_at, owner_role)
select $1, s.${ident(ORDINAL_COLUMN)}, f.file_id, f.source_position, 'import', b.code, b.column_name, b.constraint_name, b.reason,
       (select row_to_json(r) from (select ${columns.map(({ name }) => `s.${ident(name)}`).join(', ')}) r), now(), t.owner_role
from ${BAD_ROWS} b
join ${TEXT_ROWS} s on s.${N} = b.${N}
join relyt_sys.relyt_loader_task t on t.process_id = $1
left join relyt_sys.relyt_loader_file f on f.process_id = $1 and f.file_id = any($2::int8[])
  and s.${ident(ORDINAL_COLUMN)} between f.first_ordinal and f.last_ordinal
returning record_ordinal as ordinal, code, column_name as "column", constraint_name as "constraint", reason`,
  values: [processId, fileIds],
});
