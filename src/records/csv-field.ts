/** Quoting of one CSV field in the dialect every engine reads. */

/** Anything that makes quoting necessary. An unquoted empty field is NULL, so the empty string needs quotes. */
const NEEDS_QUOTES = /[",\n\r]|^\\|^$/;

/** The field for a string that is not NULL. */
export function csvField(text: string): string {
  if (!NEEDS_QUOTES.test(text)) return text;
  return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`;
}
