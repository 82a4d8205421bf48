/** Texts that somebody else chose, as they stand in a message. */

const NAME_LENGTH = 63;

/** In quotes, on one line: control characters show as escapes. */
export function printable(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A name out of a record, a catalogue or a setting, cut and escaped. */
export function shortText(text: string): string {
  const cut = text.length > NAME_LENGTH ? `${text.slice(0, NAME_LENGTH)}…` : text;
  return printable(cut).slice(1, -1);
}
