/** What is kept of a rejected record. */

/** Longer ones, as JSON, are not kept: they wait in memory for their generation, and pages of them are read at once. */
export const MAX_KEPT_LENGTH = 1024 * 1024;

/** Stands after the reason then. */
export const NOT_KEPT = '(The record has more than 1 MiB, so it is not kept.)';
