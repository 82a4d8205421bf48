// The lint of words finds slips where people read, and only there.

import { describe, expect, it } from 'vitest';
import { type Passage, proseOfMarkdown, proseOfSource } from '../../../scripts/words/prose.mjs';
import { findSlips } from '../../../scripts/words/slips.mjs';

const slipsIn = (passages: readonly Passage[]) =>
  passages.flatMap(({ kind, text }) => findSlips(text, kind).map(({ words }) => words));

describe('findSlips', () => {
  it.each([
    'one amongst others',
    'It passes over them.',
    'all but for the key',
    'It is there twice.',
    'Please run it.',
    'Run it in order\n to see',
    'One must not; others may not.',
    'Done!',
    'two  spaces',
  ])('finds the slip in %j', (text) => {
    expect(findSlips(text)).toHaveLength(1);
  });

  it.each([
    'There is no table.',
    'It is no longer there, and no less than before.',
    'The transaction may or may not be there.',
    'It has just ended, just before the commit.',
    'a text file, the text column',
    'Not != is, and a !flag.',
  ])('finds none in %j', (text) => {
    expect(findSlips(text)).toEqual([]);
  });

  it('says where, and what to write instead', () => {
    expect(findSlips('Then mend it.')).toEqual([
      { index: 5, words: 'mend', instead: '"fix", "repair"' },
    ]);
  });

  it('leaves marks in strings of a program alone', () => {
    expect(findSlips('!\nname:  value', 'string')).toEqual([]);
  });
});

describe('proseOfMarkdown', () => {
  it('has no code, addresses, comments, or what is switched off', () => {
    const page = [
      'Text `nobody` [link](nobody.md)',
      '```sh\nnobody\n```',
      '    nobody',
      '<!-- nobody -->',
      '<!-- words: off -->\nnobody\n<!-- words: on -->',
    ].join('\n\n');

    expect(slipsIn(proseOfMarkdown(page))).toEqual([]);
    expect(slipsIn(proseOfMarkdown(`${page}\n\nnobody`))).toEqual(['nobody']);
  });

  it('keeps every character in its place', () => {
    const page = 'A `b` c\n```\nd\n```\nnobody';
    const [passage] = proseOfMarkdown(page);

    expect(passage?.text).toHaveLength(page.length);
    expect(findSlips(passage?.text ?? '')[0]?.index).toBe(page.indexOf('nobody'));
  });
});

describe('proseOfSource', () => {
  it('has comments and strings, over line ends and in templates', () => {
    const source = `
      // Nobody
      /**
       * passes
       * over
       */
      const a = \`\${f('somebody else')} is no number\`;
    `;

    expect(slipsIn(proseOfSource(source)).sort()).toEqual([
      'Nobody',
      'is no number',
      expect.stringMatching(/^passes\s+over$/),
      'somebody',
    ]);
  });

  it('has no names, code in comments, or examples', () => {
    const source = `
      const nobody = 'nobody';
      // \`nobody\`
      /**
       * @example 'nobody'
       * \`\`\`ts
       * nobody();
       * \`\`\`
       *     nobody
       */
      function f() {}
    `;

    expect(slipsIn(proseOfSource(source))).toEqual([]);
  });
});
