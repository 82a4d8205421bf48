import type { StatementCounts } from '../core/import-counts.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import type { Transaction } from '../database/session.ts';
import { ident } from '../database/statement.ts';
import { anyAway, bringHome, recopyTouched, skipElsewhere } from './cross-table.ts';
import { guardedStatement } from './insert-block.ts';
import {
  columnList,
  type InsertPlan,
  insertInto,
  keyExpressions,
  leavesMatching,
  ORDINAL_COLUMN,
  onConflict,
} from './insert-statement.ts';
import { countMatching, insertMissing, lockTargets, updateMatching } from './keyed-statements.ts';
import { type Route, routesOf, withRoute } from './routes.ts';
import { settleKeys } from './settle-keys.ts';
import { updatedRows } from './updated-rows.ts';

const ROWS = 'pg_temp.relyt_loader_staged';
const WINNERS = 'pg_temp.relyt_loader_winner';

type Applied = Pick<StatementCounts, 'written' | 'inserted'>;

/**
 * Loads in steps: the staged rows are brought into a temporary table, reduced to the winner of each key (G3), and
 * applied. For databases whose rows live on segments, and for rows that go to two tables.
 */
export async function loadStaged(
  transaction: Transaction,
  plan: InsertPlan,
  handler: string,
): Promise<StatementCounts> {
  await transaction.execute({ text: guardedStatement(stage(plan), handler) });
  const { rows, read, winners } = await winnersOf(transaction, plan);
  const counts = { read, winners, written: 0, inserted: 0, rejected: 0 };
  const lock = lockTargets(plan);
  if (lock !== undefined) await transaction.execute({ text: lock });
  for (const route of routesOf(plan, rows)) {
    const { written, inserted } = await applyRoute(transaction, route);
    counts.written += written;
    counts.inserted += inserted;
  }
  for (const text of recopyTouched(plan, rows)) await transaction.execute({ text });
  // As the database would refuse it, had the two tables one constraint: an isolation then finds the record.
  const { uniqueViolation, serializationFailure } = SQLSTATE;
  const sqlstate = plan.mode === 'insert' ? uniqueViolation : serializationFailure;
  await settleKeys(transaction, plan, { staged: rows, sqlstate });
  return counts;
}

interface Winners {
  /** The relation that holds them. */
  readonly rows: string;
  readonly read: number;
  readonly winners: number;
}

/** Each key once. Most imports have none twice, and counting keys costs less than writing all rows again. */
async function winnersOf(transaction: Transaction, plan: InsertPlan): Promise<Winners> {
  const read = await countOf(transaction, `select count(*) as found from ${ROWS}`);
  if (plan.mode === 'insert') return { rows: ROWS, read, winners: read };
  if (!plan.reduceKeys && !plan.dialect.distributed) {
    const keys = `select distinct ${keyOf(plan)} from ${ROWS}`;
    const winners = await countOf(transaction, `select count(*) as found from (${keys}) k`);
    if (winners === read) return { rows: ROWS, read, winners };
  }
  await transaction.execute({ text: reduceToWinners(plan) });
  const winners = await countOf(transaction, `select count(*) as found from ${WINNERS}`);
  return { rows: WINNERS, read, winners };
}

async function applyRoute(transaction: Transaction, route: Route): Promise<Applied> {
  const { plan } = route;
  if (plan.mode === 'insert') return insertAll(transaction, route);
  await bringAllHome(transaction, route);
  const missing = { ...route, rows: skipElsewhere(route) };
  return plan.dialect.onConflict
    ? insertOnConflict(transaction, missing)
    : applyByHand(transaction, missing);
}

async function bringAllHome(transaction: Transaction, route: Route): Promise<void> {
  const statements = bringHome(route);
  const away = anyAway(route);
  if (statements.length === 0 || away === undefined) return;
  if ((await countOf(transaction, away)) === 0) return;
  for (const text of statements) await transaction.execute({ text });
}

async function insertAll(transaction: Transaction, route: Route): Promise<Applied> {
  const { plan, rows } = route;
  const text = `${insertInto(plan)}\nselect ${columnList(plan)} from ${rows} s`;
  const written = await transaction.execute({ text });
  return { written, inserted: written };
}

async function insertOnConflict(transaction: Transaction, { plan, rows }: Route): Promise<Applied> {
  const text = `${insertInto(plan)}\nselect ${columnList(plan)} from ${rows} s\n${onConflict(plan)}`;
  if (plan.mode === 'nothing') {
    const written = await transaction.execute({ text });
    return { written, inserted: written };
  }
  if (plan.dialect.distributed) {
    const matching = await countOf(transaction, countMatching(plan, rows));
    const touched = await transaction.execute({ text });
    if (leavesMatching(plan)) return { written: touched + matching, inserted: touched };
    return { written: touched, inserted: Math.max(0, touched - matching) };
  }
  const before = await countOf(transaction, `select ${updatedRows(plan)}::int8 as found`);
  const written = await transaction.execute({ text });
  const after = await countOf(transaction, `select ${updatedRows(plan)}::int8 as found`);
  return { written, inserted: written - Math.min(written, after - before) };
}

async function applyByHand(transaction: Transaction, route: Route): Promise<Applied> {
  const { plan, rows } = route;
  const updated = plan.mode === 'update' ? await update(transaction, route) : 0;
  const inserted = await transaction.execute({ text: insertMissing(plan, rows) });
  return { written: updated + inserted, inserted };
}

async function update(transaction: Transaction, { plan, rows }: Route): Promise<number> {
  const text = updateMatching(plan, rows);
  return text === undefined
    ? await countOf(transaction, countMatching(plan, rows))
    : await transaction.execute({ text });
}

function stage(plan: InsertPlan): string {
  return `create temporary table relyt_loader_staged${plan.dialect.temporaryKind} on commit drop as
select s.* from ${withRoute(plan, plan.source)} s${distribution(plan)}`;
}

function reduceToWinners(plan: InsertPlan): string {
  const key = keyOf(plan);
  const direction = plan.mode === 'update' ? 'desc' : 'asc';
  return `create temporary table relyt_loader_winner${plan.dialect.temporaryKind} on commit drop as
select distinct on (${key}) * from ${ROWS} order by ${key}, ${ident(ORDINAL_COLUMN)} ${direction}${distribution(plan)}`;
}

/** By the key, where there is one: rows then stand on the segment that holds those they meet. */
function distribution(plan: InsertPlan): string {
  if (!plan.dialect.distributed) return '';
  const key = plan.mode === 'insert' ? [] : plan.table.primaryKey;
  return key.length > 0
    ? ` distributed by (${key.map(ident).join(', ')})`
    : ' distributed randomly';
}

function keyOf(plan: InsertPlan): string {
  return keyExpressions(plan, (column) => ident(column.name));
}

async function countOf(transaction: Transaction, text: string): Promise<number> {
  const [row] = await transaction.query<{ found: number }>({ text });
  return row?.found ?? 0;
}
