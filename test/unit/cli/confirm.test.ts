import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Terminal } from '../../../src/cli/terminal.ts';
import { confirmed } from '../../../src/cli/uninstall/confirm.ts';

async function answer(text: string): Promise<{ readonly yes: boolean; readonly asked: string }> {
  const input = new PassThrough();
  let asked = '';
  const shown = new PassThrough().on('data', (chunk) => {
    asked += String(chunk);
  });
  const yes = confirmed(input, new Terminal(shown, shown));
  input.end(text);
  return { yes: await yes, asked };
}

test.each(['yes\n', ' YES \n', 'yes'])('%j confirms', async (text) => {
  expect(await answer(text)).toMatchObject({ yes: true });
});

test.each(['', '\n', 'y\n', 'no\n', 'yes, but\n', 'no\nyes\n'])('%j does not', async (text) => {
  const { yes, asked } = await answer(text);
  expect(yes).toBe(false);
  expect(asked).toContain('Type yes to confirm');
});
