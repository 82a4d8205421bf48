import { qualified, type Statement } from '../statement.ts';

interface NamedTable {
  readonly schema: string;
  readonly name: string;
}

/** A main and its auxiliary table, and the number of a move between them. */
export interface NumberedMove {
  readonly main: number;
  readonly auxiliary: number;
  readonly number: number;
}

/** What a move does to the auxiliary table: it brings rows into it, or leaves it without any. */
export type AuxiliaryChange = 'filled' | 'emptied';

/** The two tables as oids, with the number of the next move. The caller holds the routing, so it is the only one. */
export const nextMove = (main: NamedTable, auxiliary: NamedTable): Statement => ({
  name: 'nextMove',
  text: `select t.main, t.auxiliary,
  (select coalesce(max(greatest(a.filled, a.emptied)), 0) + 1 from relyt_sys.relyt_loader_auxiliary a
   where a.main_oid = t.main) as number
from (select $1::regclass::oid::int8 as main, $2::regclass::oid::int8 as auxiliary) t`,
  values: [qualified(main.schema, main.name), qualified(auxiliary.schema, auxiliary.name)],
});

/** No row when no move has changed the table so far. */
export const changeAuxiliary = (move: NumberedMove, change: AuxiliaryChange): Statement => ({
  name: 'changeAuxiliary',
  text: `update relyt_sys.relyt_loader_auxiliary set ${change} = $3 where main_oid = $1 and auxiliary_oid = $2`,
  values: [move.main, move.auxiliary, move.number],
});

export const addAuxiliary = (move: NumberedMove, change: AuxiliaryChange): Statement => ({
  name: 'addAuxiliary',
  text: `insert into relyt_sys.relyt_loader_auxiliary (main_oid, auxiliary_oid, ${change}) values ($1, $2, $3)`,
  values: [move.main, move.auxiliary, move.number],
});

export const anyRow = ({ schema, name }: NamedTable): Statement => ({
  name: 'anyRow',
  text: `select exists (select 1 from ${qualified(schema, name)}) as found`,
});
