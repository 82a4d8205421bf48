import {
  bigGroups,
  type CandidateRow,
  smallGroups,
} from '../database/statements/move-candidates.ts';
import type { MoveDirection } from '../database/statements/move-row.ts';
import { groupsByText } from './group-move.ts';
import type { MigratedTable } from './migrated-table.ts';

export function directionOf({ options }: MigratedTable): MoveDirection {
  return options.back ? 'to-main' : 'to-auxiliary';
}

/** Groups past the threshold; a routed group that has rows in the main table all the same is one of them. */
export function candidatesOf(migrated: MigratedTable): Promise<CandidateRow[]> {
  const { database, routed, mainTable, options } = migrated;
  const { main, auxiliary, routing, groupColumn } = routed;
  const groupByText = groupsByText(routed);
  const { threshold } = options;
  const side = (table: typeof main, group: string) => ({
    schema: table.schema,
    table: table.name,
    group,
    groupByText,
  });
  return database.query<CandidateRow>(
    directionOf(migrated) === 'to-auxiliary'
      ? bigGroups(side(main, groupColumn.main), mainTable, threshold)
      : smallGroups(side(auxiliary, groupColumn.auxiliary), routing, { mainTable, threshold }),
  );
}

/** A group bigger than a batch moves in several transactions, which takes a key to go along. */
export function movesInBatches({ routed, options }: MigratedTable, rows: number): boolean {
  return rows > options.batchRows && routed.main.primaryKey.length > 0;
}
