/**
 * JSON that any database can keep as jsonb, and that comes back as it was. An escape of JSON does not help: jsonb
 * resolves it, and refuses NUL, half a surrogate pair, and what the encoding of the database does not have.
 */

import type { Repertoire } from './repertoire.ts';
import { unicodeEscapes } from './unicode-escapes.ts';

/** What jsonb takes in no encoding. */
const NEVER = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ESCAPE = /\\u([0-9a-f]{4})/g;
/** In a string that reads like an escape of ours, the backslash itself is escaped. */
const LOOKS_ESCAPED = /\\(?=u[0-9a-f]{4})/g;

/**
 * The value with escapes for the characters that cannot be stored.
 * @param repertoire of the database; undefined when it holds every character
 */
export function storableJson(value: unknown, repertoire: Repertoire | undefined): unknown {
  const json = JSON.stringify(value);
  if (json === undefined) return undefined;
  return mapTexts(JSON.parse(json), (text) => {
    const escaped = text.replace(LOOKS_ESCAPED, unicodeEscapes).replace(NEVER, unicodeEscapes);
    return repertoire?.escaped(escaped) ?? escaped;
  });
}

/** What `storableJson` was given, as JSON keeps it. */
export function restoredJson(value: unknown): unknown {
  return mapTexts(value, (text) =>
    text.replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  );
}

/** A row of a task, with settings and position as they were given. */
export function restoredTask<
  Row extends { readonly settings: unknown; readonly source_position: unknown },
>(row: Row): Row {
  const { settings, source_position: position } = row;
  return { ...row, settings: restoredJson(settings), source_position: restoredJson(position) };
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([name, part]) => [change(name), mapTexts(part, change)]));
}
