// docs/spec/claims.json maps every sentence of the README to what shows it. A sentence that is changed has to be mapped
// anew, and what is named has to be there.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, readPage } from './code-blocks.ts';
import { sentencesIn } from './sentences.ts';

interface Claims {
  /** Sections of which every sentence is shown by the same thing: a program that prints it. */
  readonly sections: Readonly<Record<string, string>>;
  /** By sentence: `file › title` of tests, or a file of the repository. */
  readonly claims: Readonly<Record<string, readonly string[]>>;
  /** Sentences that say themselves that nothing has shown it. */
  readonly unproven: readonly string[];
  /** Sentences that promise nothing: instructions, headings of tables, links. */
  readonly noClaims: readonly string[];
}

const CLAIMS = JSON.parse(readPage('docs/spec/claims.json')) as Claims;
const { sections, claims, unproven, noClaims } = CLAIMS;
const SAID = sentencesIn(readPage('README.md'));
const SENTENCES = SAID.filter(({ section }) => !(section in sections)).map(({ text }) => text);
const MAPPED = [...Object.keys(claims), ...unproven, ...noClaims];

describe('claims of the README', () => {
  it('are all mapped: give each of these an entry in docs/spec/claims.json', () => {
    expect(SENTENCES.filter((sentence) => !MAPPED.includes(sentence))).toEqual([]);
  });

  it('are mapped only while they are made', () => {
    expect(MAPPED.filter((sentence) => !SENTENCES.includes(sentence))).toEqual([]);
    expect(
      Object.keys(sections).filter((name) => !SAID.some((one) => one.section === name)),
    ).toEqual([]);
  });

  it('are mapped once', () => {
    expect(MAPPED.filter((sentence, index) => MAPPED.indexOf(sentence) !== index)).toEqual([]);
  });

  it.each(Object.entries(claims))('%s', (_, shown) => {
    expect(shown).not.toEqual([]);
    expect(shown.filter((evidence) => !isThere(evidence))).toEqual([]);
  });

  it.each(Object.entries(sections))('section %s: by %s', (_, file) => {
    expect(existsSync(path.join(ROOT, file))).toBe(true);
  });

  it.each(unproven)('says of itself that it is unproven: %s', (sentence) => {
    expect(sentence).toMatch(/have not been (?:tried|tested)|follow their documentation/);
  });
});

describe('the check of claims', () => {
  it('finds a test that is gone, and one that was renamed', () => {
    expect(isThere('test/unit/docs/claims.test.ts')).toBe(true);
    expect(isThere('test/unit/docs/claims.test.ts › the check of claims')).toBe(true);
    expect(isThere('test/unit/docs/claims.test.ts › the check of promises')).toBe(false);
    expect(isThere('test/unit/docs/gone.test.ts')).toBe(false);
  });

  it('reads sentences, items and rows, without what is code or markup', () => {
    const page = [
      '# Title',
      'One [link](x.md) here. **Two** more words.',
      '- an item of a list',
      '| a cell | of a row |',
      '|---|---|',
      '    an indented command line',
      '```ts',
      'const code = 1 as const;',
      '```',
      '## Next',
      'A third sentence follows.',
    ].join('\n');
    expect(sentencesIn(page)).toEqual([
      { section: 'Title', text: 'One link here.' },
      { section: 'Title', text: 'Two more words.' },
      { section: 'Title', text: 'an item of a list' },
      { section: 'Title', text: 'a cell | of a row' },
      { section: 'Next', text: 'A third sentence follows.' },
    ]);
  });
});

/** The title of a test stands in quotes, alone or as the beginning of a longer one. */
function isThere(evidence: string): boolean {
  const [file = '', title] = evidence.split(' › ');
  if (!existsSync(path.join(ROOT, file))) return false;
  return (
    title === undefined || ["'", '`', '"'].some((quote) => readPage(file).includes(quote + title))
  );
}
