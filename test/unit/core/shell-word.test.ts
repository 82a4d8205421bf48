import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWord } from '../../../src/core/shell-word.ts';

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
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${texts.map(shellWord).join(' ')}`]);
  expect(printed.toString('utf8').split('\0').slice(0, -1)).toEqual(texts);
});
