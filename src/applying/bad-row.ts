import { ORDINAL_COLUMN } from '../core/reserved-columns.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import type { Lines } from '../database/do-block.ts';
import { ident, literal } from '../database/statement.ts';
import type { InsertPlan } from './plan.ts';
import { findRefusers } from './refusers.ts';
import { findEmptyColumn, findRefusingColumn } from './refusing-column.ts';
import { BAD_ROWS, N, TEXT_ROWS } from './text-rows.ts';

/** Variables of the block that tell why a row is refused, and of what is made of it. */
export const BAD_ROW_VARIABLES: Lines = [
  'bad_code text; bad_column text; bad_constraint text; bad_reason text; bad_context text;',
  'bad_trigger text; bad_policies text; first_bad text;',
];

/** PL/pgSQL that keeps row n_from as a bad one: bad_code, bad_reason … say why, bad_column if it is known. */
export function noteBadRow(plan: InsertPlan): Lines {
  return [
    `bad_column := nullif(bad_column, '');`,
    `bad_constraint := nullif(bad_constraint, '');`,
    ...findRefusingColumn(plan),
    ...(plan.dialect.distributed ? findEmptyColumn(plan) : []),
    '-- Where on a cluster it happened does not help the caller, and differs from run to run.',
    `bad_reason := left(regexp_replace(bad_reason, '[[:space:]]*\\(seg[0-9]+ [^)]*pid=[0-9]+\\)$', ''), 500);`,
    ...findRefusers(plan),
    'n_bad := n_bad + 1;',
    `if bad_code operator(pg_catalog.!~) '^2[23]' then n_unclear := n_unclear + 1; end if;`,
    'if n_bad = 1 then',
    `  execute ${literal(describeBadRow())}`,
    '    into first_bad using n_from, bad_code, bad_column, bad_reason, bad_constraint, bad_trigger, bad_policies;',
    'end if;',
    `execute 'insert into ${BAD_ROWS} values ($1, $2, $3, $4, $5)' using n_from, bad_code, bad_column, bad_constraint, bad_reason;`,
  ];
}

function describeBadRow(): string {
  return `select pg_catalog.json_build_object('record', s.${ident(ORDINAL_COLUMN)}, 'code', $2, 'column', $3, 'reason', $4, 'constraint', $5, 'trigger', $6, 'policies', $7)::text
from ${TEXT_ROWS} s where s.${N} operator(pg_catalog.=) $1`;
}

/** Rows that are looked at past the limit for one that passes: with none, it may be the load that is refused. */
const MOST_MORE = 32;

/**
 * PL/pgSQL that ends the isolation when there are too many bad rows, or when no row passes and none ever did: then an
 * unclear failure is not the fault of a record.
 */
export function giveUpWhen(when: 'before a range' | 'at the end', maxBad: number): Lines {
  const nonePasses = 'n_unclear > 0 and not any_passes';
  const condition =
    when === 'at the end'
      ? `n_bad > ${maxBad} or (${nonePasses})`
      : `n_bad > ${maxBad} and (not (${nonePasses}) or n_bad > ${maxBad + MOST_MORE})`;
  return [
    `if ${condition} then`,
    `  raise exception 'too many rejected records' using detail = first_bad, errcode =`,
    `    case when ${nonePasses} then '${SQLSTATE.noRecordPasses}' else '${SQLSTATE.tooManyBadRecords}' end;`,
    'end if;',
  ];
}
