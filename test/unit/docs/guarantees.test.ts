// The page of the guarantees names each one, and at least one test that holds it.

import { describe, expect, it } from 'vitest';
import { readPage } from './code-blocks.ts';

const GUARANTEES = ['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8'];
const PAGE = readPage('docs/guide/guarantees.md');

describe('docs/guide/guarantees.md', () => {
  it('has a section for each guarantee, in order', () => {
    const sections = [...PAGE.matchAll(/^## (G\d) /gm)].map(([, name]) => name);

    expect(sections).toEqual(GUARANTEES);
  });

  it.each(GUARANTEES)('names a test of %s', (guarantee) => {
    const list = new RegExp(`<!-- tests: ${guarantee} -->\\n\\n- \\[test/`);

    expect(PAGE).toMatch(list);
  });
});
