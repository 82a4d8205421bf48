// The scripts of `relyt completion` do what they say in the shells that are here.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCli } from '../../../src/cli/cli.ts';
import { capturedTerminal } from './captured-terminal.ts';

async function script(shell: string): Promise<string> {
  const { terminal, out } = capturedTerminal();
  expect(await runCli(['completion', shell], terminal)).toBe(0);
  return out.text;
}

/** What bash offers for the last of these words. */
async function offered(...words: readonly string[]): Promise<string[]> {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(relyt ${quoted}); COMP_CWORD=${words.length}; _relyt; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', `${await script('bash')}\n${ask}`], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

describe('bash completes', () => {
  test.each([
    [['lo'], ['load']],
    [
      ['load', '--conf'],
      ['--conflict-columns', '--config'],
    ],
    [
      ['load', '--on-conflict', ''],
      ['update', 'nothing', 'error'],
    ],
    [['migrate', '--on-c'], ['--on-conflict']],
    [['completion', 'z'], ['zsh']],
    // A file: left to the shell itself.
    [['load', 'da'], []],
    [['load', '--table', '--b'], []],
  ])('relyt %j', async (words, expected) => {
    expect(await offered(...words)).toEqual(expected);
  });
});

describe.each(['bash', 'zsh', 'fish'])('the script for %s', (shell) => {
  test('names every command', async () => {
    const text = await script(shell);
    for (const command of ['init', 'load', 'migrate', 'completion'])
      expect(text).toContain(command);
  });

  // Not every machine has every shell.
  test.skipIf(spawnSync(shell, ['-c', 'true']).error !== undefined)('is read by it', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-completion-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, `relyt.${shell}`);
    writeFileSync(file, await script(shell));
    const checked = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    expect(checked).toMatchObject({ status: 0, stderr: '' });
  });
});

test('another shell is refused with those there are', async () => {
  const { terminal, err } = capturedTerminal();
  expect(await runCli(['completion', 'tcsh'], terminal)).toBe(2);
  expect(err.text).toMatch(/bash, zsh, fish/);
});
