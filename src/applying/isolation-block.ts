import { SQLSTATE } from '../core/sqlstate.ts';
import { doBlock, indented, type Lines } from '../database/do-block.ts';
import { literal, type Statement } from '../database/statement.ts';
import { applyList } from './apply-list.ts';
import {
  type ApplyStep,
  INSERTED,
  requireStatistics,
  SUM_VARIABLES,
  stepLines,
  WORK_VARIABLES,
} from './apply-step.ts';
import { BAD_ROW_VARIABLES, giveUpWhen, noteBadRow } from './bad-row.ts';
import { tellCounts } from './counts.ts';
import { lockTargets } from './lock-targets.ts';
import type { InsertPlan } from './plan.ts';
import { recopyTouched } from './recopy.ts';
import { passOnWhatNoRecordCauses, refusals } from './refusal-conditions.ts';
import { withRoute } from './routes.ts';
import { refuseKeysInBoth, settleKeys, takeTurnFirst } from './settle-keys.ts';
import { BAD_ROWS, N, TEXT_ROWS, typedRows } from './text-rows.ts';
import { countWinners, winnersOf } from './winners.ts';

/** Rows of the first attempt; doubles with every success. Bad records are rare or many, this suits both. */
const FIRST_RANGE = 1024;

/** The files have been read. */
const UNGUARDED = { guard: [] } as const;

/** The first range is empty: what is refused without a row is not the fault of a record. */
const VARIABLES: Lines = [
  'n_all bigint; n_bad bigint := 0; n_unclear bigint := 0;',
  'n_from bigint := 1; n_to bigint; n_span bigint := 0;',
  'all_winners bigint := 0; all_written bigint := 0; all_inserted bigint := 0;',
  ...BAD_ROW_VARIABLES,
];

/** What an isolation is allowed and knows. */
export interface IsolationTerms {
  readonly maxBad: number;
  /** An earlier import of the task wrote rows: then an unclear failure is known to come from the current record. */
  readonly anyPassed: boolean;
  /** What a program raises is of the record for which it does, whatever its SQLSTATE. */
  readonly raisedAreOfRecords: boolean;
}

/**
 * A block that applies the rows of `stageText` in ranges. A range that fails is halved until its bad record stands
 * alone, and after a good one the next is twice as long: a bad record costs about log2 of the range around it.
 * Ranges go by ascending ordinal, so that the last record of a key still wins (G3).
 * It hands its counts back as an apply block does.
 */
export const isolationBlock = (plan: InsertPlan, terms: IsolationTerms): Statement => ({
  name: 'isolateRows',
  text: doBlock(
    [...VARIABLES, `any_passes boolean := ${terms.anyPassed};`, ...WORK_VARIABLES],
    [
      ...requireStatistics(rangeList(plan)),
      ...stepLines(before(plan), UNGUARDED),
      `execute ${literal(`select count(*) from ${TEXT_ROWS}`)} into n_all;`,
      'while n_from <= n_all loop',
      ...indented(oneRange(plan, terms)),
      'end loop;',
      ...giveUpWhen('at the end', terms.maxBad),
      ...stepLines(after(plan), UNGUARDED),
      tellCounts({
        read: 'n_all - n_bad',
        winners: plan.mode === 'insert' ? 'n_all - n_bad' : 'all_winners',
        written: 'all_written',
        inserted: 'all_inserted',
        rejected: 'n_bad',
      }),
    ],
  ),
});

/** The steps, in a subtransaction; the sums begin again in each, and are added up only when nothing was refused. */
function oneRange(plan: InsertPlan, { maxBad, raisedAreOfRecords }: IsolationTerms): Lines {
  return [
    ...giveUpWhen('before a range', maxBad),
    'n_to := least(n_all, n_from + n_span - 1);',
    'declare',
    ...indented(SUM_VARIABLES),
    'begin',
    ...indented([
      ...stepLines(rangeList(plan), { ...UNGUARDED, range: 'n_from, n_to' }),
      'all_winners := all_winners + n_winners;',
      'all_written := all_written + n_written;',
      `all_inserted := all_inserted + ${INSERTED};`,
      'any_passes := any_passes or n_to >= n_from;',
      'n_from := n_to + 1;',
      `n_span := case when n_span = 0 then ${FIRST_RANGE} else n_span * 2 end;`,
      'continue;',
    ]),
    `exception when ${refusals(raisedAreOfRecords)} then`,
    '  get stacked diagnostics bad_code = returned_sqlstate, bad_reason = message_text,',
    '    bad_column = column_name, bad_constraint = constraint_name, bad_context = pg_exception_context;',
    '  if n_to < n_from then raise; end if;',
    ...indented(passOnWhatNoRecordCauses(raisedAreOfRecords)),
    'end;',
    'if n_to > n_from then',
    '  n_span := greatest(1, (n_to - n_from + 1) / 2);',
    '  continue;',
    'end if;',
    ...noteBadRow(plan),
    'n_from := n_from + 1;',
    `n_span := ${FIRST_RANGE};`,
  ];
}

function before(plan: InsertPlan): readonly ApplyStep[] {
  // The ranges are written in subtransactions, whose rows `nothing` cannot tell from those of before.
  const turn = plan.mode === 'nothing' ? takeTurnFirst(plan, TEXT_ROWS) : [];
  return [...lockTargets(plan), ...turn];
}

/** The list of every import, over one range. With `error` a key must not be in the other table either. */
function rangeList(plan: InsertPlan): readonly ApplyStep[] {
  const rows = rangeRows(plan);
  const list = applyList({ ...plan, reduceKeys: true }, rows);
  return plan.mode === 'insert'
    ? [...list, ...refuseKeysInBoth(plan, rows, SQLSTATE.uniqueViolation)]
    : [...list, countWinners(plan, textRange(plan))];
}

/** What the list is applied to: winners are picked in each statement again, because a range may be tried often. */
export function rangeRows(plan: InsertPlan): string {
  const range = textRange(plan);
  return withRoute(plan, plan.mode === 'insert' ? range : `(${winnersOf(plan, range)})`);
}

function textRange(plan: InsertPlan): string {
  return typedRows(plan, `s.${N} operator(pg_catalog.>=) $1 and s.${N} operator(pg_catalog.<=) $2`);
}

function after(plan: InsertPlan): readonly ApplyStep[] {
  const isGood = `not exists (select 1 from ${BAD_ROWS} b where b.${N} operator(pg_catalog.=) s.${N})`;
  const staged = withRoute(plan, typedRows(plan, isGood));
  const settle =
    plan.mode === 'nothing' ? [] : settleKeys(plan, staged, SQLSTATE.serializationFailure);
  return [...recopyTouched(plan, staged), ...settle];
}
