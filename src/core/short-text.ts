/** Texts that others chose, as a message shows them. */

import { jsonLine } from './control-characters.ts';

const NAME_LENGTH = 63;

/** In quotes, on one line: control characters show as escapes. */
export function printable(text: string): string {
  return jsonLine(text.toWellFormed());
}

/** A name out of a record, a catalogue or a setting, cut and escaped. */
export function shortText(text: string): string {
  const cut = text.length > NAME_LENGTH ? `${text.slice(0, NAME_LENGTH)}…` : text;
  return printable(cut).slice(1, -1);
}
