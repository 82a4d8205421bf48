import { SQLSTATE } from '../core/sqlstate.ts';
import { guarded, indented, type Lines } from '../database/do-block.ts';
import { TAKE_OWN_PATH, TAKE_ROLE_PATH } from '../database/session-rules.ts';
import { literal } from '../database/statement.ts';

/** What the steps add up, each a variable of the block: n_read, n_winners … */
const SUMS = ['read', 'winners', 'written', 'found', 'updated', 'added'] as const;

/**
 * - `read`: rows of the staged files
 * - `winners`: rows left when each key keeps its winner only
 * - `written`: rows inserted or updated
 * - `found`: of the written ones, those that were there before, where a statement can tell
 * - `updated`: the same by the server's statistics, where no statement can tell
 * - `added`: rows that came, by the same statistics
 */
export type Sum = (typeof SUMS)[number];

/** A number that later steps depend on. */
type Finding = 'away' | 'tasks';

/** When a step is run, in PL/pgSQL. */
type Condition = 'n_winners < n_read' | 'n_away > 0' | 'n_tasks > 1';

/** Why an import, or a range of it, cannot be: an error of this SQLSTATE. */
interface Refusal {
  readonly sqlstate: string;
  readonly message: string;
}

/** What becomes of a step's result: all that is known of it comes from here, nothing is read out of its SQL. */
type StepResult =
  /** The rows it touches add to these. */
  | { readonly touches: readonly Sum[] }
  /** It returns one row, with a column for each of these, which add to them. */
  | { readonly returns: readonly Sum[] }
  /** It returns one number, which replaces the one found before. */
  | { readonly finds: Finding }
  /** It returns one number, and nothing may be found. */
  | { readonly refuses: Refusal };

/**
 * One statement of applying rows, as data. Its text stands by itself: it is run by EXECUTE, so that no name in it can
 * be taken for a variable of the block, and $1 and $2 are the first and the last row of a range.
 */
export interface ApplyStep {
  readonly name: string;
  readonly text: string;
  /** Undefined: always. */
  readonly when?: Condition;
  /** Undefined: nothing. */
  readonly result?: StepResult;
  /** What the server's statistics say of the table, to be looked at before and after the step. */
  readonly statistics?: RowStatistics;
  /** Rows updated so far, to be looked at before the step, which itself returns those after it as `updated`. */
  readonly updatesBefore?: string;
  /** It reads the staged files, so its errors may quote URLs or keys. */
  readonly readsFiles?: boolean;
  /**
   * It may fire code of the tables: triggers, defaults, policies, checks of domains. That code sees the search path the
   * role would have had, so the step's own SQL looks nothing up by it: functions, operators and types have their schema,
   * and there is no IN, BETWEEN, IS DISTINCT FROM, NULLIF, CASE x WHEN or JOIN … USING, which cannot have one.
   */
  readonly firesCode?: boolean;
  /** Settings of the server that hold for the step only. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Rows of a table that the transaction has changed so far, as expressions without names that could be variables of
 * the block. Their differences before and after a step add to the sums of the same names.
 */
export interface RowStatistics {
  readonly updated: string;
  readonly added: string;
}

/** Variables of a block of steps; those of `sums` begin at 0. */
export const SUM_VARIABLES: Lines = [SUMS.map((sum) => `n_${sum} bigint := 0;`).join(' ')];
export const WORK_VARIABLES: Lines = ['n_part bigint; n_away bigint; n_tasks bigint; part record;'];

/** Of the rows written, those that were new. A trigger may update more rows than are written. */
export const INSERTED = 'n_written - least(n_found + n_updated, n_written)';

/** What the steps of a block are run with. */
export interface StepSetting {
  /** Exception clauses around what reads the staged files; none where its errors can tell no secret. */
  readonly guard: Lines;
  /** Values of $1 and $2, where the steps are those of a range. */
  readonly range?: 'n_from, n_to';
}

/** The steps in PL/pgSQL, one after the other. */
export function stepLines(steps: readonly ApplyStep[], setting: StepSetting): Lines {
  return steps.flatMap((step) => {
    const run = underSettings(step, runLines(step, setting));
    const shown = step.readsFiles ? guarded(run, setting.guard) : run;
    const counted = countUpdates(step, shown);
    const lines = step.when === undefined ? counted : ifLines(step.when, counted);
    return [`-- ${step.name}`, ...lines];
  });
}

/** Lines for the top of a block whose steps count by the statistics: a server told to keep none counts no updates (G2). */
export function requireStatistics(steps: readonly ApplyStep[]): Lines {
  const looks = steps.some(
    (step) => step.statistics !== undefined || step.updatesBefore !== undefined,
  );
  if (!looks) return [];
  const { objectNotInPrerequisiteState } = SQLSTATE;
  return [
    `if current_setting('track_counts') = 'off' then`,
    `  raise exception 'track_counts is off, so the server does not tell which rows are updated'`,
    `    using errcode = '${objectNotInPrerequisiteState}', hint = 'Have an administrator switch it on, for example with ALTER ROLE ... SET track_counts = on.';`,
    'end if;',
  ];
}

/** Not by EXECUTE: a plan that is kept costs next to nothing, and an isolation looks twice in every range. */
function countUpdates({ statistics, updatesBefore }: ApplyStep, lines: Lines): Lines {
  if (updatesBefore !== undefined) return [`n_updated := n_updated - ${updatesBefore};`, ...lines];
  if (statistics === undefined) return lines;
  const look = (sign: '+' | '-') =>
    Object.entries(statistics).map(([sum, rows]) => `n_${sum} := n_${sum} ${sign} ${rows};`);
  return [
    ...look('-'),
    ...lines,
    ...look('+'),
    '-- Not all of these changes are ours: triggers have changed the table as well.',
    `if n_updated + n_added > n_written then raise exception 'triggers change the table' using errcode = '${SQLSTATE.changedByTriggers}'; end if;`,
  ];
}

/** After an error the server itself takes the settings back, with the subtransaction. */
function underSettings({ settings }: ApplyStep, lines: Lines): Lines {
  if (settings === undefined) return lines;
  const pairs = Object.entries(settings);
  const kept = pairs.map(([name]) => `pg_catalog.current_setting(${literal(name)})`);
  const set = (values: readonly string[]) =>
    pairs.map(([name], n) => `pg_catalog.set_config(${literal(name)}, ${values[n]}, true)`);
  return [
    'declare',
    `  kept text[] := array[${kept.join(', ')}];`,
    'begin',
    `  perform ${set(pairs.map(([, value]) => literal(value))).join(', ')};`,
    ...indented(lines),
    `  perform ${set(pairs.map((_, n) => `kept[${n + 1}]`)).join(', ')};`,
    'end;',
  ];
}

function ifLines(condition: Condition, lines: Lines): Lines {
  return [`if ${condition} then`, ...indented(lines), 'end if;'];
}

function runLines({ text, result, firesCode }: ApplyStep, { range }: StepSetting): Lines {
  const run = (into: string, told: Lines = []) => {
    const execute = `execute ${literal(text)}${into}${range === undefined ? '' : ` using ${range}`};`;
    return firesCode ? underRolePathLines([execute, ...told]) : [execute, ...told];
  };
  if (result === undefined) return run('');
  if ('touches' in result) {
    const add = result.touches.map((sum) => `n_${sum} := n_${sum} + n_part;`);
    return [...run('', ['get diagnostics n_part = row_count;']), ...add];
  }
  if ('returns' in result) {
    const add = result.returns.map((sum) => `n_${sum} := n_${sum} + part.${sum};`);
    return [...run(' into part'), ...add];
  }
  if ('finds' in result) return run(` into n_${result.finds}`);
  const { message, sqlstate } = result.refuses;
  const raise = `raise exception ${literal(message)} using errcode = ${literal(sqlstate)};`;
  return [...run(' into n_part'), `if n_part > 0 then ${raise} end if;`];
}

/** After an error the server itself takes the path back, with the subtransaction. */
export function underRolePathLines(lines: Lines): Lines {
  return [`perform ${TAKE_ROLE_PATH};`, ...lines, `perform ${TAKE_OWN_PATH};`];
}
