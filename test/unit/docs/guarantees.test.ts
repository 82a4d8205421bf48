// Users read what each guarantee promises; the page beside the specification names the tests that hold it.

import { describe, expect, it } from 'vitest';
import { readPage } from './code-blocks.ts';

const GUARANTEES = ['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8'];
const PROMISES = 'docs/guide/guarantees.md';
const TESTS = 'docs/spec/guarantees.md';

/** Headings of the guarantees, number and title. */
function headings(page: string): string[] {
  return [...readPage(page).matchAll(/^## (G\d .*)$/gm)].map(([, heading = '']) => heading);
}

describe('the guarantees', () => {
  it('have a section each, in order', () => {
    expect(headings(PROMISES).map((heading) => heading.slice(0, 2))).toEqual(GUARANTEES);
  });

  it('have the same titles beside the specification', () => {
    expect(headings(TESTS)).toEqual(headings(PROMISES));
  });

  it.each(GUARANTEES)('have a test each: %s', (guarantee) => {
    const list = new RegExp(`<!-- tests: ${guarantee} -->\\n\\n- \\[test/`);

    expect(readPage(TESTS)).toMatch(list);
  });
});
