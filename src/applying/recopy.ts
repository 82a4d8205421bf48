import type { AuxiliaryTarget } from '../core/auxiliary-target.ts';
import { auxiliaryName } from '../core/group-column.ts';
import { ROUTED_COLUMN } from '../core/reserved-columns.ts';
import type { TargetTable } from '../core/target-table.ts';
import { ident } from '../database/statement.ts';
import type { ApplyStep } from './apply-step.ts';
import { equalKey } from './equal-key.ts';
import { type InsertPlan, isKeyStaged, nameOf, overriding } from './plan.ts';
import { isOneOf, isShadow, pairedColumns } from './routes.ts';

/**
 * While a migration copies a group out of the table it lives in, what an import changes there is copied again,
 * so that the copy is complete when the group is switched over. `staged` holds the rows of the import, with their
 * types. Without a staged key nothing is ever updated, and the switch finds what was inserted.
 */
export function recopyTouched(plan: InsertPlan, staged: string): readonly ApplyStep[] {
  const { auxiliary } = plan;
  if (auxiliary === undefined || auxiliary.copying.length === 0 || !isKeyStaged(plan)) return [];
  return [
    ...recopy(plan, auxiliary, { staged, here: 'auxiliary' }),
    ...recopy(plan, auxiliary, { staged, here: 'main' }),
  ];
}

/** `here` is where the copies are. */
interface Copies {
  readonly staged: string;
  readonly here: 'main' | 'auxiliary';
}

function recopy(
  plan: InsertPlan,
  auxiliary: AuxiliaryTarget,
  { staged, here }: Copies,
): readonly ApplyStep[] {
  const there = here === 'main' ? 'auxiliary' : 'main';
  const [source, copy] =
    here === 'main' ? [auxiliary.table, plan.table] : [plan.table, auxiliary.table];
  const touched = touchedKeys(plan, auxiliary, { staged, here });
  const same = (table: TargetTable, alias: string) => sameKeyIn(plan, auxiliary, table, alias);
  const pairs = pairedColumns(auxiliary);
  const to = pairs.map((pair) => ident(pair[here])).join(', ');
  const from = pairs.map((pair) => `o.${ident(pair[there])}`).join(', ');
  const home = isOneOf(auxiliary.copying, `o.${ident(auxiliary.groupColumn[there])}`);
  return [
    {
      name: 'remove old copies',
      firesCode: true,
      text: `delete from ${nameOf(copy)} o using ${touched} w
where ${same(copy, 'o')} and ${isShadow(auxiliary, copy, 'o')}`,
    },
    {
      name: 'copy once more',
      firesCode: true,
      text: `insert into ${nameOf(copy)} (${to})${overriding(copy)}
select ${from} from ${nameOf(source)} o join ${touched} w on ${same(source, 'o')}
where ${home} and not exists (select 1 from ${nameOf(copy)} c where ${same(copy, 'c')})`,
    },
  ];
}

/** Keys of the import in groups that are being copied to `here`, once each. */
function touchedKeys(
  { table }: InsertPlan,
  { copying, groupColumn }: AuxiliaryTarget,
  { staged, here }: Copies,
): string {
  const key = table.key.map((name) => `s.${ident(name)}`).join(', ');
  const flag = `${here === 'main' ? '' : 'not '}s.${ident(ROUTED_COLUMN)}`;
  const group = isOneOf(copying, `s.${ident(groupColumn.main)}`);
  return `(select distinct ${key}
  from ${staged} s where ${flag} and ${group})`;
}

function sameKeyIn(
  plan: InsertPlan,
  { table: auxiliaryTable, groupColumn }: AuxiliaryTarget,
  table: TargetTable,
  alias: string,
): string {
  const key = plan.table.key.map((ours) => ({
    ours,
    theirs: table === auxiliaryTable ? auxiliaryName(groupColumn, ours) : ours,
  }));
  return equalKey(plan, key, alias);
}
