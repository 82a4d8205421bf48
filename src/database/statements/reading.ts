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

/** For the rest of the transaction. PostgreSQL 14 and later also notice a client that died. */
export const beginImport = (
  limitMs: number,
  { timeZone, lcMonetary }: ReadingSettings,
): Statement => ({
  name: 'beginImport',
  text: `select set_config('statement_timeout', $1, true), set_config('TimeZone', $2, true), set_config('lc_monetary', $3, true),
       case when current_setting('server_version_num')::int >= 140000
            then set_config('client_connection_check_interval', '250ms', true) end`,
  values: [String(Math.max(1, Math.ceil(limitMs))), timeZone, lcMonetary],
});
