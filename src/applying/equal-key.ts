import type { ColumnType } from '../core/target-table.ts';
import { compare } from '../database/comparison.ts';
import { ident } from '../database/statement.ts';
import { RelytError } from '../errors.ts';
import type { InsertPlan } from './plan.ts';

/** A column of the key, as the staged rows and a table name it. */
export interface KeyColumn {
  readonly ours: string;
  readonly theirs: string;
}

/** The key, for the table that the plan writes. */
export function ownKey({ table }: InsertPlan): readonly KeyColumn[] {
  return table.key.map((name) => ({ ours: name, theirs: name }));
}

/** The condition that the row `alias` of a table has the key of the staged row `w`. */
export function equalKey(plan: InsertPlan, key: readonly KeyColumn[], alias: string): string {
  return key
    .map(({ ours, theirs }) => {
      const staged = `w.${ident(ours)}${collationOf(plan, ours)}`;
      return compare(`${alias}.${ident(theirs)}`, '=', staged, typeOf(plan, ours));
    })
    .join(' and ');
}

function typeOf({ table }: InsertPlan, name: string): ColumnType {
  const column = table.columns.find((one) => one.name === name);
  if (column === undefined) throw new RelytError('INTERNAL', 'A key column is not a column.');
  return column.type;
}

/** The staged column has the default collation of its type: silently here the two would be in conflict. */
function collationOf({ columns }: InsertPlan, name: string): string {
  const collation = columns.find((column) => column.name === name)?.collation;
  return collation === undefined ? '' : ` collate ${collation}`;
}
