import { ident, type Statement } from '../statement.ts';
import {
  condition,
  type GroupMove,
  inDestination,
  insertIntoDestination,
  type KeyRange,
  type MoveSide,
  sameGroup,
  sameKey,
  sourceColumns,
  spelled,
  surplus,
  tableOf,
  unlessThere,
  WHOLE_GROUP,
} from './move-parts.ts';

/** No other session writes the two tables until the end of the transaction; reading goes on. */
export const lockSides = (sides: readonly MoveSide[]): Statement => ({
  name: 'lockSides',
  text: `lock table ${sides.map(tableOf).join(', ')} in exclusive mode`,
});

/** Rows of the destination with a key of the group that belong to one of these other groups. */
export const dropShadows = (move: GroupMove, groups: readonly string[]): Statement => {
  const { text, values } = condition(move, WHOLE_GROUP);
  const group = spelled(`d.${ident(move.destination.group)}`);
  return {
    name: 'dropShadows',
    text: `delete from ${tableOf(move.destination)} d using ${tableOf(move.source)} s
where ${text} and ${sameKey(move)} and ${group} operator(pg_catalog.=) any($${values.length + 1}::pg_catalog.text[])`,
    values: [...values, groups],
  };
};

/** Makes room for all of the group: rows of the destination with a key of it are deleted. */
export const dropFromDestination = (move: GroupMove): Statement => {
  const { text, values } = condition(move, WHOLE_GROUP);
  return {
    name: 'dropFromDestination',
    text: `delete from ${tableOf(move.destination)} d using ${tableOf(move.source)} s
where ${text} and ${sameKey(move)}`,
    values,
  };
};

/** The other way round: rows of the group whose key the destination has are deleted. */
export const dropFromSource = (move: GroupMove): Statement => {
  const { text, values } = condition(move, WHOLE_GROUP);
  return {
    name: 'dropFromSource',
    text: `delete from ${tableOf(move.source)} s using ${tableOf(move.destination)} d
where ${text} and ${sameKey(move)}`,
    values,
  };
};

/**
 * The whole group in one statement, so that no change of another session can come between. Says how many rows left and
 * how many arrived: a trigger may swallow either.
 */
export const moveRows = (move: GroupMove): Statement => {
  const { text, values } = condition(move, WHOLE_GROUP);
  return {
    name: 'moveRows',
    text: `with moved as (
  delete from ${tableOf(move.source)} s where ${text}
  returning ${sourceColumns(move)}
), arrived as (
  ${insertIntoDestination(move)}
  select ${sourceColumns(move)} from moved s
  returning 1
)
select (select pg_catalog.count(*) from moved) as deleted, (select pg_catalog.count(*) from arrived) as inserted`,
    values,
  };
};

/** Whether the source has rows of the group. */
export const anyLeft = (move: GroupMove): Statement => {
  const { text, values } = condition(move, WHOLE_GROUP);
  return {
    name: 'anyLeft',
    text: `select exists (select 1 from ${tableOf(move.source)} s where ${text}) as found`,
    values,
  };
};

/** Whether the destination lacks a key of the group. */
export const anyUncopied = (move: GroupMove, range: KeyRange): Statement => {
  const { text, values } = condition(move, range);
  return {
    name: 'anyUncopied',
    text: `select exists (
  select 1 from ${tableOf(move.source)} s where ${text} and not ${inDestination(move, range)}
) as found`,
    values,
  };
};

/** Whether the destination lacks a key of the group, or has it as one of another group. */
export const anyMissing = (move: GroupMove): Statement => {
  const { text, values } = condition(move, WHOLE_GROUP);
  const ofGroup = sameGroup('d', move.destination, move);
  return {
    name: 'anyMissing',
    text: `select exists (
  select 1 from ${tableOf(move.source)} s where ${text} and not ${inDestination(move, WHOLE_GROUP, [ofGroup])}
) as found`,
    values,
  };
};

/** Whether a key of the group in the destination is not one of the group in the source. */
export const anySurplus = (move: GroupMove): Statement => {
  const { text, values } = surplus(move);
  return { name: 'anySurplus', text: `select exists (select 1 from ${text}) as found`, values };
};

/** Whether the source still has a row of the group whose key the destination has. */
export const anyCopied = (move: GroupMove, range: KeyRange): Statement => {
  const { text, values } = condition(move, range);
  return {
    name: 'anyCopied',
    text: `select exists (
  select 1 from ${tableOf(move.source)} s where ${text} and ${inDestination(move, range)}
) as found`,
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
    name: 'copyRows',
    text: `${insertIntoDestination(move)}
select ${sourceColumns(move)} from ${tableOf(move.source)} s
where ${text}${unlessThere(move, range)}`,
    values,
  };
};

/** Copies of rows that were deleted, or went to another group, since they were copied. */
export const deleteSurplus = (move: GroupMove): Statement => {
  const { text, values } = surplus(move);
  return { name: 'deleteSurplus', text: `delete from ${text}`, values };
};

export const deleteRows = (move: GroupMove, range: KeyRange = WHOLE_GROUP): Statement => {
  const { text, values } = condition(move, range);
  return {
    name: 'deleteRows',
    text: `delete from ${tableOf(move.source)} s where ${text}`,
    values,
  };
};

/** What the destination does not have is not deleted: another program wrote it past the routing. */
export const deleteCopied = (move: GroupMove, range: KeyRange): Statement => {
  const { text, values } = condition(move, range);
  return {
    name: 'deleteCopied',
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
    name: 'batchEnd',
    text: `select ${key.map((column, n) => `${column}::pg_catalog.text as k${n}`).join(', ')}
from ${tableOf(move.source)} s where ${text}
order by ${key.join(', ')} limit 1 offset ${rows - 1}`,
    values,
  };
};
