/**
 * Columns that our own tables have besides those of the target. Names no sensible table has; a target that has one cannot
 * be loaded.
 */

/** A record's number within its task: the first column of every relation that holds staged rows. */
export const ORDINAL_COLUMN = 'relyt ordinal';

/** A row's number within its import, where bad records are isolated. */
export const NUMBER_COLUMN = 'relyt n';

/** Tells whether a staged row belongs in the auxiliary table. */
export const ROUTED_COLUMN = 'relyt routed';

export const RESERVED_COLUMNS: readonly string[] = [ORDINAL_COLUMN, NUMBER_COLUMN, ROUTED_COLUMN];

/** Most columns of a table, as PostgreSQL has it. */
const MOST_COLUMNS = 1600;

/** Most columns of the target that can be loaded: staged rows have at most two of ours beside them. */
export const MOST_STAGED_COLUMNS = MOST_COLUMNS - 2;
