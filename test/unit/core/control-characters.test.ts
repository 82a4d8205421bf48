// G7: nothing that acts on a terminal leaves as it came, and what has to come back does.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  actsOnTerminal,
  escapedText,
  jsonLine,
  visible,
} from '../../../src/core/control-characters.ts';

/** By number, so that the test does not believe the pattern it tests. */
const RANGES = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
] as const;
const ACTING = RANGES.flatMap(([first, last]) =>
  Array.from({ length: last - first + 1 }, (_, i) => String.fromCharCode(first + i)),
);
const isActing = (text: string) => ACTING.some((character) => text.includes(character));
const text = fc
  .array(fc.oneof(fc.constantFrom(...ACTING), fc.string({ unit: 'grapheme' })), { maxLength: 12 })
  .map((parts) => parts.join(''));

describe('text for people', () => {
  test.each(ACTING.map((character) => [character.charCodeAt(0).toString(16), character]))(
    'shows U+%s as an escape',
    (_, character) => {
      expect(visible(`a${character}b`)).toMatch(/^a\\(?:[nrt]|u[0-9a-f]{4})b$/);
    },
  );

  test('has no control character left, and all others', () => {
    fc.assert(
      fc.property(text, (given) => {
        const shown = visible(given);
        expect(isActing(shown)).toBe(false);
        expect(visible(shown)).toBe(shown);
        if (!isActing(given)) expect(shown).toBe(given);
      }),
    );
  });
});

describe('JSON', () => {
  test('gives back what went in, on one line without control characters', () => {
    fc.assert(
      fc.property(text, (given) => {
        const line = jsonLine({ [given]: given });
        expect(isActing(line)).toBe(false);
        expect(JSON.parse(line)).toEqual({ [given]: given });
      }),
    );
  });
});

describe('text for a file', () => {
  test('keeps its layout and nothing else that acts', () => {
    fc.assert(
      fc.property(text, (given) => {
        const written = escapedText(given);
        expect(isActing(written.replace(/\r\n|[\n\t]/g, ''))).toBe(false);
        expect(actsOnTerminal(given)).toBe(written !== given);
      }),
    );
    expect(escapedText('a\tb\r\nc\nd\re\u001b')).toBe('a\tb\r\nc\nd\\re\\u001b');
  });
});
