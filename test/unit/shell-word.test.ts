import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RelytError } from '../../src/errors.ts';
import { shellWord } from '../../src/shell-word.ts';
import { wordsOf } from '../support/shell.ts';

test.each([
  ['public.t', 'public.t'],
  ['https://s3.example.com:9000/bucket/a%20b/', 'https://s3.example.com:9000/bucket/a%20b/'],
  ['data loader', "'data loader'"],
  ["it's", `'it'\\''s'`],
  ['', "''"],
])('%s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});

test('a shell takes it for this text, whatever is in it', () => {
  const texts = fc.sample(fc.string({ unit: fc.constantFrom(...'ab $\'"\\`;&|*~#!()\n\tä') }), {
    numRuns: 200,
    seed: 7,
  });
  expect(wordsOf(texts.map(shellWord).join(' '))).toEqual(texts);
});

test('G7, G8: the id of a task is one word of the commands in the hint of an error', () => {
  const details = { processId: '$(id) `id`' };
  const { hint } = new RelytError('STAGED_FILE_LOST', 'it is gone', { details });
  expect(hint).toContain(`relyt abort '$(id) \`id\`'`);
  expect(new RelytError('STAGED_FILE_LOST', 'it is gone').hint).toContain('relyt abort PROCESS_ID');
});
