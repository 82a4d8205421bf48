import { ident, qualified, type Statement } from '../statement.ts';

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

const WHOLE_GROUP: KeyRange = { after: null, upTo: null };

/** Nobody else writes the two tables until the end of the transaction; reading goes on. */
export const lockSides = (sides: readonly MoveSide[]): Statement => ({
  text: `lock table ${sides.map(tableOf).join(', ')} in exclusive mode`,
});

/** Rows of the destination with a key of the group that belong to one of these other groups. */
export const dropShadows = (move: GroupMove, groups: readonly string[]): Statement => {
  const { text, values } = condition(move, WHOLE_GROUP);
  const group = `d.${ident(move.destination.group)}::text collate "default"`;
  return {
    text: `delete from ${tableOf(move.destination)} d using ${tableOf(move.source)} s
where ${text} and ${sameKey(move)} and ${group} = any($${values.length + 1}::text[])`,
    values: [...values, groups],
  };
};

/** Makes room for all of the group: rows of the destination with a key of it are deleted. */
export const dropFromDestination = (move: GroupMove): Statement => {
  const { text, values } = condition(move, WHOLE_GROUP);
  return {
    text: `delete from ${tableOf(move.destination)} d using ${tableOf(move.source)} s
where ${text} and ${sameKey(move)}`,
    values,
  };
};

/** The other way round: rows of the group whose key the destination has are deleted. */
export const dropFromSource = (move: GroupMove): Statement => {
  const { text, values } = condition(move, WHOLE_GROUP);
  return {
    text: `delete from ${tableOf(move.source)} s using ${tableOf(move.destination)} d
where ${text} and ${sameKey(move)}`,
    values,
  };
};

/** The whole group in one statement, so that no change of another session can come between. */
export const moveRows = (move: GroupMove): Statement => {
  const { text, values } = condition(move, WHOLE_GROUP);
  return {
    text: `with moved as (
  delete from ${tableOf(move.source)} s where ${text}
  returning ${sourceColumns(move)}
)
${insertInto(move)}
select ${sourceColumns(move)} from moved s`,
    values,
  };
};

/**
 * A key the destination has stays as it is there: a row an import copied is newer. Loaders are kept out by the lock
 * of the routing table, so looking first is enough; ON CONFLICT costs up to as much again.
 */
export const copyRows = (move: GroupMove, range: KeyRange = WHOLE_GROUP): Statement => {
  const { text, values } = condition(move, range);
  return {
    text: `${insertInto(move)}
select ${sourceColumns(move)} from ${tableOf(move.source)} s
where ${text}${unlessThere(move, range)}`,
    values,
  };
};

/** Copies of rows that were deleted, or went to another group, since they were copied. */
export const deleteSurplus = (move: GroupMove): Statement => {
  const { text, values } = condition(move, WHOLE_GROUP);
  return {
    text: `delete from ${tableOf(move.destination)} d
where ${sameGroup('d', move.destination, move)} and not exists (
  select 1 from ${tableOf(move.source)} s where ${text} and ${sameKey(move)}
)`,
    values,
  };
};

export const deleteRows = (move: GroupMove): Statement => {
  const { text, values } = condition(move, WHOLE_GROUP);
  return { text: `delete from ${tableOf(move.source)} s where ${text}`, values };
};

/** What the destination does not have is not deleted: somebody wrote it past the routing. */
export const deleteCopied = (move: GroupMove, range: KeyRange): Statement => {
  const { text, values } = condition(move, range);
  return {
    text: `delete from ${tableOf(move.source)} s
where ${text} and ${inDestination(move, range)}`,
    values,
  };
};

/** The key of the last row of a batch, as texts k0, k1 …; no row when less than a batch is left. */
export const batchEnd = (
  move: GroupMove,
  after: readonly string[] | null,
  rows: number,
): Statement => {
  const { text, values } = condition(move, { after, upTo: null });
  const key = move.source.key.map((name) => `s.${ident(name)}`);
  return {
    text: `select ${key.map((column, n) => `${column}::text as k${n}`).join(', ')}
from ${tableOf(move.source)} s where ${text}
order by ${key.join(', ')} limit 1 offset ${rows - 1}`,
    values,
  };
};

/** Texts of key values have to become the same values again, whatever the role or the database is set to. */
export const exactTexts = (): Statement => ({
  text: `select set_config('datestyle', 'ISO, YMD', true), set_config('intervalstyle', 'postgres', true),
       set_config('extra_float_digits', '3', true), set_config('bytea_output', 'hex', true),
       set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)`,
});

function tableOf({ schema, table }: MoveSide): string {
  return qualified(schema, table);
}

/** Rows `s` of the group in the source, within the range; $1 is the group, then come the bounds. */
function condition(
  move: GroupMove,
  range: KeyRange,
): { readonly text: string; readonly values: readonly unknown[] } {
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

function sameGroup(alias: string, side: MoveSide, move: GroupMove): string {
  const column = `${alias}.${ident(side.group)}`;
  const byValue = `${column} = $1::text::${move.groupType}`;
  return move.groupByText ? `${byValue} and ${column}::text = $1::text` : byValue;
}

function sameKey({ source, destination }: GroupMove): string {
  return destination.key
    .map((name, n) => `d.${ident(name)} = s.${ident(source.key[n] ?? name)}`)
    .join(' and ');
}

/** With the bounds said again for the destination, a batch costs the same however big the destination is. */
function inDestination(move: GroupMove, range: KeyRange): string {
  const parts = [sameKey(move), ...bounds(move, range, { alias: 'd', of: 'destination' })];
  return `exists (select 1 from ${tableOf(move.destination)} d where ${parts.join(' and ')})`;
}

function insertInto({ destination, overriding }: GroupMove): string {
  const columns = destination.columns.map(ident).join(', ');
  return `insert into ${tableOf(destination)} (${columns})${overriding ? ' overriding system value' : ''}`;
}

function sourceColumns({ source }: GroupMove): string {
  return source.columns.map((name) => `s.${ident(name)}`).join(', ');
}

function unlessThere(move: GroupMove, range: KeyRange): string {
  return move.destination.key.length === 0 ? '' : ` and not ${inDestination(move, range)}`;
}
