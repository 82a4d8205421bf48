/**
 * Characters that act on a terminal instead of standing in it: C0 with line end and tab, DEL, C1, and those that
 * separate lines or turn the direction of text. The writer of a record or a name could plant them.
 */

import { unicodeEscapes } from './unicode-escapes.ts';

const CONTROL = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;
/** The three that people know by a short escape. */
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** On one line, with escapes for people. Doing it again changes nothing. */
export function visible(text: string): string {
  return text.replace(CONTROL, (c) => SHORT[c] ?? unicodeEscapes(c));
}

/** JSON on one line; what JSON.stringify leaves as it is, is only ever part of a string and may be an escape there. */
export function jsonLine(value: unknown): string {
  return escapedJson(JSON.stringify(value));
}

/** The same JSON without control characters, except the line ends and tabs between its tokens. */
export function escapedJson(json: string): string {
  return json.replace(CONTROL, (c) => (SHORT[c] === undefined ? unicodeEscapes(c) : c));
}

/** Whether text has control characters other than those that texts are laid out with: LF, CR LF and tab. */
export function actsOnTerminal(text: string): boolean {
  return escapedText(text) !== text;
}

/** Text for a file, laid out as it is: only LF, CR LF and tab stay. */
export function escapedText(text: string): string {
  return text.replace(CONTROL, (c, at: number) => (isLayout(c, text[at + 1]) ? c : visible(c)));
}

function isLayout(character: string, next: string | undefined): boolean {
  return character === '\n' || character === '\t' || (character === '\r' && next === '\n');
}
