import type { StatementCounts } from '../core/import-counts.ts';
import type { Statement } from '../database/statement.ts';

/** Name of the setting by which a block hands its counts back, because DO returns nothing; local to the transaction. */
const COUNTS_SETTING = 'relyt_loader.counts';

/** PL/pgSQL by which a block hands back what these expressions are. */
export function tellCounts(counts: Readonly<Record<keyof StatementCounts, string>>): string {
  const pairs = Object.entries(counts).map(([name, expression]) => `'${name}', ${expression}`);
  return `perform pg_catalog.set_config('${COUNTS_SETTING}', pg_catalog.json_build_object(
  ${pairs.join(', ')})::text, true);`;
}

/** One row: the counts a block has handed back in this transaction. */
export const readCounts = (): Statement => ({
  name: 'readCounts',
  text: `select current_setting('${COUNTS_SETTING}')::json as counts`,
});
