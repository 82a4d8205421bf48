// The sidebar of the site leads to every page of docs/, once.

import { expect, it } from 'vitest';
import { SECTIONS } from '../../../site/pages.mjs';
import { pages } from './code-blocks.ts';

it('the list of the pages of the site is that of the files of docs/', () => {
  const listed = SECTIONS.flatMap((section) => section.pages.map((page) => `docs/${page}.md`));
  const there = pages().filter((page) => page.startsWith('docs/'));

  expect([...listed].sort()).toEqual(there);
});
