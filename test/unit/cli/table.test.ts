import { describe, expect, it, test } from 'vitest';
import { textTable, wrapped } from '../../../src/cli/table.ts';

test('a table has numbers to the right and no blanks at the end', () => {
  const rows = [
    ['a', '1', 'x'],
    ['long', '1,000', ''],
  ];
  expect(textTable(['NAME', 'N', 'WHY'], rows, { right: ['N'] })).toEqual([
    'NAME      N  WHY',
    'a         1  x',
    'long  1,000',
  ]);
});

describe('wrapped text', () => {
  it('breaks between words, and lets a long word stand alone', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapped('a  https://example.com/long b', 5)).toEqual([
      'a',
      'https://example.com/long',
      'b',
    ]);
  });
});
