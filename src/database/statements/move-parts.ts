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

/** One group and the way it goes. */
export interface GroupMove {
  readonly source: MoveSide;
  readonly destination: MoveSide;
  /** The group as text. */
  readonly group: string;
  /** SQL type of the group column. */
  readonly groupType: string;
  /** Values that are equal may have different texts, and then they are different groups. */
  readonly groupByText: boolean;
  /** SQL types of the key, in its order. */
  readonly keyTypes: readonly string[];
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
  const columns = move[of].key.map((name) => `${alias}.${ident(name)}`).join(', ');
  const compare = (operator: string, first: number) => {
    const values = move.keyTypes.map((type, n) => `$${first + n}::text::${type}`);
    return `(${columns}) ${operator} (${values.join(', ')})`;
  };
  return [
    ...(after === null ? [] : [compare('>', 2)]),
    ...(upTo === null ? [] : [compare('<=', 2 + (after?.length ?? 0))]),
  ];
}

export function sameGroup(alias: string, side: MoveSide, move: GroupMove): string {
  const column = `${alias}.${ident(side.group)}`;
  const byValue = `${column} = $1::text::${move.groupType}`;
  // In the collation of the database texts are equal only if they are the same; the column's own may think otherwise.
  return move.groupByText ? `${byValue} and ${column}::text collate "default" = $1::text` : byValue;
}

export function sameKey({ source, destination }: GroupMove): string {
  return destination.key
    .map((name, n) => `d.${ident(name)} = s.${ident(source.key[n] ?? name)}`)
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
