/** Every type this package has no rules for: the value is text in the type's own syntax. */

import type { Codec } from './codec.ts';
import { isAnyText, isFilled } from './kept-text.ts';
import { stageable } from './plain-text.ts';
import { Refusal } from './refusal.ts';

/** Types that have no empty text. */
const NEVER_EMPTY: ReadonlySet<string> = new Set([
  'inet',
  'cidr',
  'macaddr',
  'macaddr8',
  'pg_lsn',
  'point',
  'line',
  'lseg',
  'box',
  'path',
  'polygon',
  'circle',
  'tid',
  'jsonpath',
]);

export function verbatimCodec(typeName: string): Codec {
  const neverEmpty = NEVER_EMPTY.has(typeName);
  return {
    isKept: neverEmpty ? isFilled : isAnyText,
    encode(value) {
      switch (typeof value) {
        case 'string':
          if (neverEmpty && value === '') throw new Refusal(value, `is no ${typeName}`);
          return stageable(value);
        case 'number':
        case 'bigint':
        case 'boolean':
          return String(value);
        default:
          throw new Refusal(value, 'has no text this type reads', {
            hint: "Pass a string in the type's own syntax.",
            preview: false,
          });
      }
    },
  };
}
