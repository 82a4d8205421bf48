/** Commands of hints, run as they are printed. */

import { expect } from 'vitest';
import type { TestTarget } from '../../support/loading.ts';
import { wordsOf } from '../../support/shell.ts';
import { type RelytResult, relyt } from '../cli/relyt.ts';
import { environmentOf } from '../cli/relyt-on.ts';

/** Those in backquotes, in their order. */
export function hintedCommands(hint: string): string[] {
  return [...hint.matchAll(/`(relyt [^`]+)`/g)].map(([, command = '']) => command);
}

/** The hint of a command that was refused. */
export function hintOf({ code, stdout }: RelytResult): string {
  expect(code, stdout).toBe(1);
  return (JSON.parse(stdout) as { hint: string }).hint;
}

interface HintedOptions {
  /** What stands for the placeholders, all of which have to be there. */
  readonly values?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Runs a command as a shell would. */
export async function runHinted(
  target: TestTarget,
  command: string,
  { values = {}, env = environmentOf(target), input = '' }: HintedOptions = {},
): Promise<RelytResult> {
  let filled = command;
  for (const [placeholder, value] of Object.entries(values)) {
    expect(filled).toContain(placeholder);
    filled = filled.replace(placeholder, () => value);
  }
  const [program, ...args] = wordsOf(filled);
  expect(program).toBe('relyt');
  return relyt(args, { env, input });
}

export const DONE = { code: 0, stderr: '' };
