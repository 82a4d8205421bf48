/** json, jsonb and jsonpath. A string is JSON text; anything else becomes JSON text. */

import type { Codec } from './codec.ts';
import { jsonText } from './json-text.ts';
import { stageable } from './plain-text.ts';
import { Refusal } from './refusal.ts';

export function jsonCodec(name: 'json' | 'jsonb'): Codec {
  return {
    takesArrays: true,
    encode(value) {
      const text = typeof value === 'string' ? parsable(value) : stringified(value);
      if (name === 'jsonb') checkEscapes(value, text);
      return text;
    },
  };
}

function parsable(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    throw new Refusal(text, 'is not JSON text', {
      hint: 'Strings are taken as JSON text; to store a JSON string pass JSON.stringify(value).',
      preview: false,
    });
  }
  return stageable(text);
}

function stringified(value: unknown): string {
  try {
    const text = jsonText(value);
    if (text !== undefined) return text;
  } catch (error) {
    // Nesting beyond the stack; whatever else a toJSON throws is its author's to see.
    if (!(error instanceof RangeError)) throw error;
    throw new Refusal(value, 'is nested too deeply', { preview: false });
  }
  throw new Refusal(value, 'has no JSON form', { preview: false });
}

/** jsonb holds text, not escapes: an escape that stands for no storable character is an error there. */
function checkEscapes(value: unknown, text: string): void {
  if (!/\\u(?:0000|d[89a-f])/i.test(text)) return;
  // Doubled backslashes and whole pairs are harmless; what is left of the kind is not.
  const rest = text.replace(/\\\\/g, '').replace(/\\ud[89ab][\da-f]{2}\\ud[c-f][\da-f]{2}/gi, '');
  if (!/\\u(?:0000|d[89a-f])/i.test(rest)) return;
  throw new Refusal(
    value,
    'holds U+0000 or half of a surrogate pair in a string, which jsonb cannot store',
    {
      hint: 'Remove the character, or use a json column.',
      preview: false,
    },
  );
}
