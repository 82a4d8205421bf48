import type { ColumnType } from '../core/target-table.ts';
import { baseTypeName } from './column-type.ts';

/** A comparison of a btree operator class. */
export type ComparisonSign = '<' | '<=' | '=' | '>=' | '>';

/**
 * Compares two values as the key of a table does, whatever the search path: by the operator of the type's operator
 * class. The operands are cast to the very type of that operator, so that no other operator of its schema, which another
 * role may own, fits better.
 */
export function compare(left: string, sign: ComparisonSign, right: string, type: ColumnType) {
  const operator = type.operators?.[sign];
  if (operator === undefined) return `${left} operator(pg_catalog.${sign}) ${right}`;
  const exact = `::${baseTypeName(type)}`;
  return `(${left})${exact} ${operator} (${right})${exact}`;
}

/** Compares two rows, column by column in their order. */
export function compareRows(
  left: readonly string[],
  sign: '<=' | '>',
  { right, types }: { readonly right: readonly string[]; readonly types: readonly ColumnType[] },
): string {
  if (types.every(({ operators }) => operators === undefined))
    return `(${left.join(', ')}) operator(pg_catalog.${sign}) (${right.join(', ')})`;
  return lexically(left, sign, { right, types });
}

/** Operators of several schemas have no row comparison. What is said of the first column lets an index be used. */
function lexically(
  [left = '', ...moreLeft]: readonly string[],
  sign: '<=' | '>',
  { right, types }: { readonly right: readonly string[]; readonly types: readonly ColumnType[] },
): string {
  const [value = '', ...moreRight] = right;
  const [type, ...moreTypes] = types;
  if (type === undefined) return sign === '<=' ? 'true' : 'false';
  if (moreTypes.length === 0) return compare(left, sign, value, type);
  const [strict, loose] = sign === '>' ? (['>', '>='] as const) : (['<', '<='] as const);
  const rest = lexically(moreLeft, sign, { right: moreRight, types: moreTypes });
  return `(${compare(left, loose, value, type)} and (${compare(left, strict, value, type)} or ${rest}))`;
}
