import { SQLSTATE } from '../core/sqlstate.ts';
import type { TargetColumn } from '../core/target-table.ts';
import type { Transaction } from '../database/session.ts';
import { ident, literal, qualified } from '../database/statement.ts';
import { recopyTouched } from './cross-table.ts';
import { COUNTS_SETTING } from './insert-block.ts';
import { type InsertPlan, keyExpressions, ORDINAL_COLUMN } from './insert-statement.ts';
import { applyRange, STAGED_ROWS, stagedValue, typedRows } from './range-statements.ts';
import { routesOf, withRoute } from './routes.ts';
import { settleKeys, takeTurn } from './settle-keys.ts';
import { updatedRows } from './updated-rows.ts';

/** Temporary tables of an isolation; dropped with its transaction. */
const BAD_ROWS = 'pg_temp.relyt_loader_bad';
const N = '"relyt n"';

/** Rows of the first attempt; doubles with every success. Bad records are rare or many, this suits both. */
const FIRST_RANGE = 1024;

/** Statements that bring the staged files, as text, into a temporary table numbered by ordinal; only the first one downloads. */
export function stageRows(plan: InsertPlan): readonly [string, ...string[]] {
  return [
    `create temporary table relyt_loader_row${plan.dialect.temporaryKind} on commit drop as
select row_number() over (order by s.${ident(ORDINAL_COLUMN)}) as "relyt n", s.* from ${plan.source} s${spread(plan)}`,
    // A deferred constraint would otherwise refuse the commit, when it is too late to find the record.
    'set constraints all immediate',
    'create unique index on pg_temp.relyt_loader_row ("relyt n")',
    'analyze pg_temp.relyt_loader_row',
    `create temporary table relyt_loader_bad ("relyt n" bigint, code text, column_name text, constraint_name text, reason text)${plan.dialect.temporaryKind} on commit drop${spread(plan)}`,
  ];
}

/** The rows of a range are then found by their number, on whichever segment. */
function spread(plan: InsertPlan): string {
  return plan.dialect.distributed ? ` distributed by (${N})` : '';
}

/**
 * A DO block that applies the staged rows in ranges. A range that fails is halved until its bad record stands
 * alone, and after a good one the next is twice as long: a bad record costs about log2 of the range around it.
 * Ranges go by ascending ordinal, so that the last record of a key still wins (G3).
 * It hands its counts back as an insert block does.
 */
export function isolationBlock(plan: InsertPlan, maxBad: number): string {
  const updated = routesOf(plan, STAGED_ROWS)
    .map((route) => updatedRows(route.plan))
    .join(' + ');
  const body = `
declare
  n_all bigint;
  n_from bigint := 1;
  n_to bigint;
  n_span bigint := ${FIRST_RANGE};
  n_rows bigint;
  n_found bigint;
  n_part bigint;
  n_range bigint;
  n_winners bigint := 0;
  n_written bigint := 0;
  n_bad bigint := 0;
  n_matched bigint := 0;
  n_updated bigint := ${updated};
  bad_column text;
  bad_constraint text;
  bad_code text;
  bad_reason text;
  first_bad text;
begin
  select count(*) into n_all from ${STAGED_ROWS};
  while n_from <= n_all loop
    n_to := least(n_all, n_from + n_span - 1);
    begin
      ${applyRange(plan)}
      ${countWinners(plan)}
      n_winners := n_winners + n_range;
      n_written := n_written + n_rows;
      n_matched := n_matched + n_found;
      n_from := n_to + 1;
      n_span := n_span * 2;
      continue;
    exception when data_exception or integrity_constraint_violation then
      get stacked diagnostics bad_code = returned_sqlstate, bad_reason = message_text,
        bad_column = column_name, bad_constraint = constraint_name;
    end;
    if n_to > n_from then
      n_span := greatest(1, (n_to - n_from + 1) / 2);
      continue;
    end if;
    bad_column := nullif(bad_column, '');
    ${findRefusingColumn(plan)}
    ${plan.dialect.distributed ? findEmptyColumn(plan) : ''}
    n_bad := n_bad + 1;
    -- Where on a cluster it happened is no news to the caller, and differs from run to run.
    bad_reason := left(regexp_replace(bad_reason, '[[:space:]]*\\(seg[0-9]+ [^)]*pid=[0-9]+\\)$', ''), 500);
    if n_bad = 1 then
      execute ${literal(`select json_build_object('record', ${ident(ORDINAL_COLUMN)}, 'code', $2, 'column', $3, 'reason', $4, 'constraint', $5)::text from ${STAGED_ROWS} s where s.${N} = $1`)}
        into first_bad using n_from, bad_code, bad_column, bad_reason, nullif(bad_constraint, '');
    end if;
    if n_bad > ${maxBad} then
      raise exception 'too many rejected records' using errcode = '${SQLSTATE.tooManyBadRecords}', detail = first_bad;
    end if;
    execute 'insert into ${BAD_ROWS} values ($1, $2, $3, $4, $5)' using n_from, bad_code, bad_column, nullif(bad_constraint, ''), bad_reason;
    n_from := n_from + 1;
    n_span := ${FIRST_RANGE};
  end loop;
  n_updated := ${updated} - n_updated + n_matched;
  perform set_config('${COUNTS_SETTING}', json_build_object(
    'read', n_all - n_bad, 'winners', n_winners, 'written', n_written,
    'inserted', n_written - least(n_updated, n_written), 'rejected', n_bad)::text, true);
end`;
  return `do ${literal(body)}`;
}

/** What goes before the block where rows go to two tables. */
export async function beforeIsolation(transaction: Transaction, plan: InsertPlan): Promise<void> {
  // The ranges are written in subtransactions, whose rows `nothing` cannot tell from those of before.
  if (plan.mode === 'nothing') await takeTurn(transaction, plan, STAGED_ROWS);
}

/** What follows the block where rows go to two tables. */
export async function afterIsolation(transaction: Transaction, plan: InsertPlan): Promise<void> {
  if (plan.routing === undefined) return;
  const good = `not exists (select 1 from ${BAD_ROWS} b where b.${N} = s.${N})`;
  const rows = `(select ${typedRows(plan)} from ${STAGED_ROWS} s where ${good})`;
  const staged = withRoute(plan, rows);
  for (const text of recopyTouched(plan, staged)) await transaction.execute({ text });
  if (plan.mode === 'nothing') return;
  await settleKeys(transaction, plan, { staged, sqlstate: SQLSTATE.serializationFailure });
}

/**
 * PL/pgSQL that tries the values one by one, each as a variable of its column's type: the assignment refuses what
 * that type, its modifier or its domain refuses, and no other column has a part in it. `bad_column` is what is being
 * tried, and keeps its value when that fails.
 */
function findRefusingColumn(plan: InsertPlan): string {
  const row = `select * from ${STAGED_ROWS} s where s.${N} = $1`;
  return `if bad_column is null then
      declare
        s record;
      begin
        execute ${literal(row)} into s using n_from;
        ${plan.columns.map((column) => tryAlone(plan, column)).join('\n        ')}
        bad_column := null;
      exception when data_exception or integrity_constraint_violation then
        null;
      end;
    end if;`;
}

/** The value comes with the declaration, because a variable of a NOT NULL domain must not be empty even before. */
function tryAlone({ dialect, table }: InsertPlan, column: TargetColumn): string {
  const type = `${qualified(table.schema, table.name)}.${ident(column.name)}%type`;
  // Before PostgreSQL 11 a composite variable takes no value there; nor are there domains of it.
  const attempt =
    column.type.kind === 'composite' && !dialect.modernCatalogue
      ? `perform ${stagedValue(column)};`
      : `declare tried ${type} := ${stagedValue(column)}; begin end;`;
  return `bad_column := ${literal(column.name)}; ${attempt}`;
}

/** A segment that refuses NULL says in words only which column must not be empty. */
function findEmptyColumn({ table, columns }: InsertPlan): string {
  const target = literal(qualified(table.schema, table.name));
  const empty = `select a.attname::text from pg_catalog.pg_attribute a cross join ${STAGED_ROWS} s
where s.${N} = $1 and a.attrelid = ${target}::regclass and a.attnotnull and a.attname::text = any($2)
  and (row_to_json(s) ->> a.attname::text) is null
order by a.attnum limit 1`;
  return `if bad_column is null and bad_code = '${SQLSTATE.notNullViolation}' then
      execute ${literal(empty)} into bad_column using n_from, ${textArray(columns.map(({ name }) => name))};
    end if;`;
}

/** Statement that keeps the bad rows as rejected records; $1 is the process id, $2 the files of the import. */
export function keepBadRows(plan: InsertPlan): string {
  const names = plan.columns.map((column) => `s.${ident(column.name)}`).join(', ');
  return `insert into relyt_sys.relyt_loader_reject
  (process_id, record_ordinal, file_id, source_position, stage, code, column_name, constraint_name, reason, record, created_at)
select $1, s.${ident(ORDINAL_COLUMN)}, f.file_id, f.source_position, 'import', b.code, b.column_name, b.constraint_name, b.reason,
       (select row_to_json(r) from (select ${names}) r), now()
from ${BAD_ROWS} b
join ${STAGED_ROWS} s on s.${N} = b.${N}
left join relyt_sys.relyt_loader_file f on f.process_id = $1 and f.file_id = any($2::int8[])
  and s.${ident(ORDINAL_COLUMN)} between f.first_ordinal and f.last_ordinal
returning record_ordinal as ordinal, code, column_name as "column", constraint_name as "constraint", reason`;
}

function countWinners(plan: InsertPlan): string {
  if (plan.mode === 'insert') return 'n_range := n_to - n_from + 1;';
  const distinct = `select count(*) from (select distinct ${keyExpressions(plan, stagedValue)} from ${STAGED_ROWS} s where s.${N} between $1 and $2) k`;
  return `execute ${literal(distinct)} into n_range using n_from, n_to;`;
}

function textArray(texts: readonly string[]): string {
  return `array[${texts.map(literal).join(', ')}]::text[]`;
}
