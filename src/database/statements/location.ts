import { literal, type Statement } from '../statement.ts';

/** Whether a row of the list of S3 locations the server may download from covers this URL. */
export const locationAllowed = (url: string): Statement => ({
  name: 'locationAllowed',
  text: `select exists (
  select from relyt_sys.relyt_loader_location where left($1, length(url_prefix)) = url_prefix
) as allowed`,
  values: [url],
});

/** The whole list, which is short. */
export const allowedLocations = (): Statement => ({
  name: 'allowedLocations',
  text: 'select url_prefix from relyt_sys.relyt_loader_location',
});

/** Adds a location; touches no row when it is there already. */
export const allowLocation = (url: string): Statement => ({
  name: 'allowLocation',
  text: 'insert into relyt_sys.relyt_loader_location (url_prefix) values ($1) on conflict do nothing',
  values: [url],
});

/** The same for a script, where there are no placeholders. */
export function allowLocationSql(url: string): string {
  return `insert into relyt_sys.relyt_loader_location (url_prefix) values (${literal(url)}) on conflict do nothing;`;
}
