import type { Statement } from '../statement.ts';

/**
 * Settings by which the database reads text that says no more: a time without a zone, the short name of one, an amount
 * of money. They are the role's, as with COPY. A task keeps those it began with, because its files may be imported by
 * another role.
 */
export interface ReadingSettings {
  readonly timeZone: string;
  /** The file that says what EST is: in Australia it is another zone than in America. */
  readonly zoneAbbreviations: string;
  readonly lcMonetary: string;
}

export const readingSettings = (): Statement => ({
  name: 'readingSettings',
  text: `select current_setting('TimeZone') as "timeZone", current_setting('timezone_abbreviations') as "zoneAbbreviations",
       current_setting('lc_monetary') as "lcMonetary"`,
});
