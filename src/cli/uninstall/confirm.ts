import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Terminal } from '../terminal.ts';

/** Asks on the terminal. Only the whole word confirms: a stray key, or the end of the input, does not. */
export async function confirmed(
  input: NodeJS.ReadableStream,
  terminal: Terminal,
): Promise<boolean> {
  terminal.note('', 'Remove all of this? Type yes to confirm:');
  const lines = createInterface({ input });
  try {
    const answer = once(lines, 'line').then(([line]) => String(line));
    const end = once(lines, 'close').then(() => '');
    return (await Promise.race([answer, end])).trim().toLowerCase() === 'yes';
  } finally {
    lines.close();
  }
}
