import type { Statement } from '../statement.ts';

/**
 * Settings by which the database reads text that says no more: a time without a zone, an amount of money. They are the
 * role's, as with COPY. A task keeps those it began with, because its files may be imported by another role.
 */
export interface ReadingSettings {
  readonly timeZone: string;
  readonly lcMonetary: string;
}

export const readingSettings = (): Statement => ({
  name: 'readingSettings',
  text: `select current_setting('TimeZone') as "timeZone", current_setting('lc_monetary') as "lcMonetary"`,
});
