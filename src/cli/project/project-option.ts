import type { Command } from 'commander';
import { PROJECT_FILE } from './project-file.ts';

/** Attribute of the option. */
export const PROJECT_OPTION = 'config';

const FLAG = '--config';

export function addProjectOption(command: Command): void {
  command
    .option(
      `${FLAG} <file>`,
      `settings of the project, JSON or code; default: ${PROJECT_FILE} in this folder`,
    )
    .option('--no-config', `ignore ${PROJECT_FILE}`);
}

/** What the flag says, before the command line is parsed: the file gives defaults for it. */
export function namedProjectFile(args: readonly string[]): string | false | undefined {
  const end = args.indexOf('--');
  const flags = end < 0 ? args : args.slice(0, end);
  if (flags.includes('--no-config')) return false;
  const at = flags.lastIndexOf(FLAG);
  if (at >= 0) return flags[at + 1];
  return flags.findLast((flag) => flag.startsWith(`${FLAG}=`))?.slice(FLAG.length + 1);
}
