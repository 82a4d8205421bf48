import { execFileSync } from 'node:child_process';

/** The words that a shell makes of a command line. */
export function wordsOf(line: string): string[] {
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`]);
  return printed.toString('utf8').split('\0').slice(0, -1);
}
