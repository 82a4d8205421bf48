/** json, jsonb and jsonpath. A string is JSON text; anything else becomes JSON text. */

import type { Codec, Overflow } from './codec.ts';
import { isJson } from './json-check.ts';
import { jsonText } from './json-text.ts';
import { isJsonbText, isJsonText } from './kept-text.ts';
import { stageable } from './plain-text.ts';
import { Refusal } from './refusal.ts';

export function jsonCodec(name: 'json' | 'jsonb'): Codec {
  const checked = (value: unknown, text: string) => {
    if (name === 'jsonb') checkEscapes(value, text);
    return text;
  };
  return {
    takesArrays: true,
    isKept: name === 'jsonb' ? isJsonbText : isJsonText,
    encode(value, overflow) {
      if (typeof value === 'string') return checked(value, parsable(value));
      // No escape is parted by the end of a piece.
      const beginning = overflow && { add: (text: string) => overflow.add(checked(value, text)) };
      return checked(value, stringified(value, beginning));
    },
  };
}

function parsable(text: string): string {
  if (isJson(text)) return stageable(text);
  throw new Refusal(text, 'is not JSON text', {
    hint: 'Pass JSON text; to store a JSON string, pass JSON.stringify(value).',
    preview: false,
  });
}

function stringified(value: unknown, overflow: Overflow | undefined): string {
  try {
    const text = jsonText(value, overflow);
    if (text !== undefined) return text;
  } catch (error) {
    // Nesting beyond the stack; any other error of a toJSON is passed on to its author.
    if (!(error instanceof RangeError)) throw error;
    throw new Refusal(value, 'is nested too deeply', { preview: false });
  }
  throw new Refusal(value, 'has no JSON form', { preview: false });
}

/** jsonb holds text, not escapes: an escape that stands for no storable character is an error there. */
function checkEscapes(value: unknown, text: string): void {
  if (!/\\u(?:0000|d[89a-f])/i.test(text) || !hasUnstorableEscape(text)) return;
  throw new Refusal(
    value,
    'holds U+0000 or half of a surrogate pair in a string, which jsonb cannot store',
    {
      hint: 'Remove the character, or use a json column.',
      preview: false,
    },
  );
}

/** An escape that is not one half of a whole pair; doubled backslashes are harmless. */
function hasUnstorableEscape(text: string): boolean {
  let at = text.indexOf('\\');
  while (at >= 0) {
    const unit = escapedUnit(text, at);
    if (unit === 0 || isLow(unit)) return true;
    const isPair = isHigh(unit) && isLow(escapedUnit(text, at + 6));
    if (isHigh(unit) && !isPair) return true;
    at = text.indexOf('\\', at + (isPair ? 12 : 2));
  }
  return false;
}

/** The UTF-16 unit of the escape sequence that is there; NaN when none does. */
function escapedUnit(text: string, at: number): number {
  if (text.charAt(at) !== '\\' || text.charAt(at + 1) !== 'u') return Number.NaN;
  return Number.parseInt(text.slice(at + 2, at + 6), 16);
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
