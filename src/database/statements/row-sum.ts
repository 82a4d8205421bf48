import { ORDINAL_COLUMN } from '../../core/reserved-columns.ts';
import type { Session } from '../session.ts';
import { ident, type Statement } from '../statement.ts';

/** What was read of staged files, by which they are told from others. */
export interface RowSum {
  readonly records: number;
  /** Sum of their ordinals; null where there are none. */
  readonly ordinals: string | null;
}

/** @param relation quoted */
const sumOfRows = (relation: string): Statement => ({
  name: 'sumOfRows',
  text: `select pg_catalog.count(*) as records, pg_catalog.sum(s.${ident(ORDINAL_COLUMN)})::text as ordinals
from ${relation} s`,
});

/** Of the rows in a relation that was filled from staged files. */
export async function readRowSum(session: Session, relation: string): Promise<RowSum> {
  const [sum] = await session.query<RowSum>(sumOfRows(relation));
  return sum ?? { records: 0, ordinals: null };
}
