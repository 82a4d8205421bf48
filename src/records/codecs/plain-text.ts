/** The checks that every string passes before it may be staged as UTF-8. */

import { Refusal } from './refusal.ts';

/** NUL cannot be stored by any PostgreSQL; a lone surrogate would become U+FFFD on its way to UTF-8. */
const SUSPECT = /[\0\ud800-\udfff]/;

/** The text itself, when it can be staged unchanged. */
export function stageable(text: string): string {
  if (!SUSPECT.test(text)) return text;
  if (text.includes('\0')) {
    throw new Refusal(text, 'holds the character U+0000, which PostgreSQL cannot store', {
      hint: 'Remove the NUL character, or store the bytes in a bytea column.',
      preview: false,
    });
  }
  if (!text.isWellFormed()) {
    throw new Refusal(text, 'holds half of a surrogate pair, which is not Unicode text', {
      hint: 'Repair the text (String.prototype.toWellFormed replaces such halves by U+FFFD).',
      preview: false,
    });
  }
  return text;
}

/** Length as PostgreSQL counts it: code points, not UTF-16 units. */
export function codePoints(text: string): number {
  let pairs = 0;
  for (let i = 0; i < text.length - 1; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00) pairs += 1;
  }
  return text.length - pairs;
}

/** The text without the given character at its end. A loop: the regular expression takes quadratic time. */
export function withoutTrailing(text: string, character: string): string {
  const unit = character.charCodeAt(0);
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === unit) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}
