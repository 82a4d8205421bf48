/** Lines for people. What a part of a line means decides its colour, where colour is wanted. */

import { styleText } from 'node:util';
import { visible } from '../core/control-characters.ts';

/** Colours of the sixteen that every terminal has in its own theme, so that they can be read on dark and on light. */
const LOOKS = {
  good: 'green',
  caution: 'yellow',
  bad: 'red',
  advice: 'cyan',
  aside: 'dim',
} as const;

export type Tone = keyof typeof LOOKS;

/** A part of a line that means something by its colour too. Its words must say the same: many see no colour. */
export interface Toned {
  readonly tone: Tone;
  readonly text: string;
}

export type Line = string | readonly (string | Toned)[];

export function toned(tone: Tone, text: string): Toned {
  return { tone, text };
}

/** Its text as it is shown without colour. */
export function plainLine(line: Line): string {
  return partsOf(line)
    .map((part) => visible(textOf(part)))
    .join('');
}

/**
 * Control characters of the text are escaped before colours are added, so that only ours reach a terminal (G7).
 * @param width characters after which it is cut
 */
export function shownLine(
  line: Line,
  { colours, width = Number.POSITIVE_INFINITY }: { colours: boolean; width?: number },
): string {
  let left = width;
  const shown = partsOf(line).map((part) => {
    const text = visible(textOf(part)).slice(0, left);
    left -= text.length;
    // The terminal was asked before; Node's own look would judge standard output alone.
    return colours && typeof part !== 'string' && text !== ''
      ? styleText(LOOKS[part.tone], text, { validateStream: false })
      : text;
  });
  return shown.join('');
}

function partsOf(line: Line): readonly (string | Toned)[] {
  return typeof line === 'string' ? [line] : line;
}

function textOf(part: string | Toned): string {
  return typeof part === 'string' ? part : part.text;
}
