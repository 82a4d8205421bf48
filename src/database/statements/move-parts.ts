import type { TargetColumn } from '../../core/target-table.ts';
import { compare, compareRows } from '../comparison.ts';
import { ident, qualified } from '../statement.ts';

/** One of the two tables; columns and key in the same order on both sides. */
export interface MoveSide {
  readonly schema: string;
  readonly table: string;
  readonly group: string;
  /** All that hold a value of their own: generated ones are left out. */
  readonly columns: readonly string[];
  /** Primary key; empty when there is none. */
  readonly key: readonly string[];
}

/** What texts are turned into, and how these values are compared. */
type ValueType = Pick<TargetColumn, 'sqlType' | 'type'>;

/**
 * One group and the way it goes. The statements of a move fire code of the tables, so they look nothing up by the
 * search path.
 */
export interface GroupMove {
  readonly source: MoveSide;
  readonly destination: MoveSide;
  /** The group as text. */
  readonly group: string;
  readonly groupType: ValueType;
  /** Values that are equal may have different texts, and then they are different groups. */
  readonly groupByText: boolean;
  /** In the order of the key. */
  readonly keyTypes: readonly ValueType[];
  /** An identity column of the destination takes given values only when told so. */
  readonly overriding: boolean;
}

/** Rows whose key is after `after` and up to `upTo`, as texts of the key; null is open. */
export interface KeyRange {
  readonly after: readonly string[] | null;
  readonly upTo: readonly string[] | null;
}

export const WHOLE_GROUP: KeyRange = { after: null, upTo: null };

export function tableOf({ schema, table }: MoveSide): string {
  return qualified(schema, table);
}

/** A condition, or what follows `from`, with the values of its placeholders. */
export interface SqlPart {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Rows `s` of the group in the source, within the range; $1 is the group, then come the bounds. */
export function condition(move: GroupMove, range: KeyRange): SqlPart {
  return {
    text: [
      sameGroup('s', move.source, move),
      ...bounds(move, range, { alias: 's', of: 'source' }),
    ].join(' and '),
    values: [move.group, ...(range.after ?? []), ...(range.upTo ?? [])],
  };
}

function bounds(
  move: GroupMove,
  { after, upTo }: KeyRange,
  { alias, of }: { readonly alias: string; readonly of: 'source' | 'destination' },
): string[] {
  const columns = move[of].key.map((name) => `${alias}.${ident(name)}`);
  const types = move.keyTypes.map(({ type }) => type);
  const bound = (sign: '>' | '<=', first: number) => {
    const right = move.keyTypes.map((type, n) => textAs(`$${first + n}`, type));
    return compareRows(columns, sign, { right, types });
  };
  return [
    ...(after === null ? [] : [bound('>', 2)]),
    ...(upTo === null ? [] : [bound('<=', 2 + (after?.length ?? 0))]),
  ];
}

export function sameGroup(alias: string, side: MoveSide, move: GroupMove): string {
  const column = `${alias}.${ident(side.group)}`;
  const { groupType, groupByText } = move;
  const byValue = compare(column, '=', textAs('$1', groupType), groupType.type);
  // In the collation of the database texts are equal only if they are the same; the column's own may think otherwise.
  return groupByText
    ? `${byValue} and ${spelled(column)} operator(pg_catalog.=) $1::pg_catalog.text`
    : byValue;
}

/** The text of a value, in the collation of the database. */
export function spelled(value: string): string {
  return `${value}::pg_catalog.text collate pg_catalog."default"`;
}

/** A placeholder that holds the text of a value. */
function textAs(placeholder: string, { sqlType }: ValueType): string {
  return `${placeholder}::pg_catalog.text::${sqlType}`;
}

export function sameKey({ source, destination, keyTypes }: GroupMove): string {
  return keyTypes
    .map(({ type }, n) =>
      compare(`d.${ident(destination.key[n] ?? '')}`, '=', `s.${ident(source.key[n] ?? '')}`, type),
    )
    .join(' and ');
}

/** With the bounds said again for the destination, a batch costs the same however big the destination is. */
export function inDestination(
  move: GroupMove,
  range: KeyRange,
  also: readonly string[] = [],
): string {
  const within = bounds(move, range, { alias: 'd', of: 'destination' });
  const parts = [sameKey(move), ...within, ...also];
  return `exists (select 1 from ${tableOf(move.destination)} d where ${parts.join(' and ')})`;
}

/** Rows `d` of the group in the destination whose key is none of the group in the source. */
export function surplus(move: GroupMove): SqlPart {
  const { text, values } = condition(move, WHOLE_GROUP);
  return {
    text: `${tableOf(move.destination)} d
where ${sameGroup('d', move.destination, move)} and not exists (
  select 1 from ${tableOf(move.source)} s where ${text} and ${sameKey(move)}
)`,
    values,
  };
}

export function insertIntoDestination({ destination, overriding }: GroupMove): string {
  const columns = destination.columns.map(ident).join(', ');
  return `insert into ${tableOf(destination)} (${columns})${overriding ? ' overriding system value' : ''}`;
}

export function sourceColumns({ source }: GroupMove): string {
  return source.columns.map((name) => `s.${ident(name)}`).join(', ');
}

export function unlessThere(move: GroupMove, range: KeyRange): string {
  return move.destination.key.length === 0 ? '' : ` and not ${inDestination(move, range)}`;
}
