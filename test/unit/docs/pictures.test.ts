// Words of the pictures stay inside their picture, and no two of them overlap. Widths are estimated with the widest font that
// the pictures name, so that another font cannot be wider.

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, readPage } from './code-blocks.ts';

const FOLDER = 'docs/pictures';
const PICTURES = readdirSync(path.join(ROOT, FOLDER)).filter((name) => name.endsWith('.svg'));
const TEXT = /<text x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)"(?: class="(\w+)")?>([^<]*)</g;
const START = { start: 0, middle: 0.5, end: 1 };

interface Words {
  readonly words: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function wordsOf(picture: string): Words[] {
  return [...picture.matchAll(TEXT)].map(([, x, y, anchor, kind, words = '']) => {
    const width = words.length * (kind === 'title' ? 16 * 0.62 : 15 * 0.56);
    const left = Number(x) - width * START[anchor as keyof typeof START];
    return { words, left, right: left + width, top: Number(y) - 12, bottom: Number(y) + 4 };
  });
}

function overlap(a: Words, b: Words): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

describe('pictures', () => {
  it('are there', () => {
    expect(PICTURES).toContain('record-path.svg');
  });

  it.each(PICTURES)('%s has readable words', (name) => {
    const picture = readPage(path.join(FOLDER, name));
    const [, width = '', height = ''] = /viewBox="0 0 (\d+) (\d+)"/.exec(picture) ?? [];
    const words = wordsOf(picture);

    expect(words.length).toBeGreaterThan(5);
    const outside = ({ left, right, bottom }: Words) =>
      left < 0 || right > Number(width) || bottom > Number(height);
    expect(words.filter(outside)).toEqual([]);
    const pairs = words.flatMap((a, index) => words.slice(index + 1).map((b) => [a, b] as const));
    expect(pairs.filter(([a, b]) => overlap(a, b)).map(([a, b]) => [a.words, b.words])).toEqual([]);
  });

  it.each(PICTURES)('%s says what it shows, and follows the light or dark mode', (name) => {
    const picture = readPage(path.join(FOLDER, name));

    expect(picture).toMatch(/<title id="title">[^<]+<\/title>\n<desc id="description">[^<]+</);
    expect(picture).toContain('@media (prefers-color-scheme: dark)');
  });
});
