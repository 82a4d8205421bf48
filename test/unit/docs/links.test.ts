// Every link inside the documentation leads to a file, and to a heading in it, that exists.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { headingAnchor } from '../../../scripts/docs/heading-anchor.mjs';
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

/** Those of headings, of which GitHub numbers the ones that come again, and those set by hand. */
function anchorsOf(page: string): Set<string> {
  const text = readPage(page).replace(FENCE, '');
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    headingAnchor(heading),
  );
  const numbered = headings.map((anchor, index) => {
    const before = headings.slice(0, index).filter((other) => other === anchor).length;
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
  const set = [...text.matchAll(ANCHOR)].map(([, id = '']) => id);
  return new Set([...numbered, ...set]);
}
