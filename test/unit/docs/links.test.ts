// Every link inside the documentation leads to a file, and to a heading in it, that exists.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, ROOT, readPage } from './code-blocks.ts';

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
const FENCE = /^```[\s\S]*?^```$/gm;
const ANCHOR = /<a id="([^"]+)">/g;

describe('links', () => {
  it.each(pages())('of %s lead somewhere', (page) => {
    const text = readPage(page).replace(FENCE, '');
    const inside = [...text.matchAll(LINK)]
      .map(([, target]) => target ?? '')
      .filter((target) => !/^[a-z]+:/.test(target));

    expect(inside.filter((target) => !leadsSomewhere(page, target))).toEqual([]);
  });
});

function leadsSomewhere(page: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const found = file === '' ? page : path.join(path.dirname(page), file);
  if (!existsSync(path.join(ROOT, found))) return false;
  return anchor === undefined || anchorsOf(found).has(anchor);
}

/** Headings as GitHub names them, and anchors set by hand. */
function anchorsOf(page: string): Set<string> {
  const text = readPage(page).replace(FENCE, '');
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
  const set = [...text.matchAll(ANCHOR)].map(([, id = '']) => id);
  return new Set([...headings, ...set]);
}
