import type { Command, Option } from 'commander';

/** An option as shells complete it. */
export interface DescribedOption {
  /** `--table`. */
  readonly flag: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** The only values it takes; empty for any. */
  readonly choices: readonly string[];
}

export interface DescribedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly DescribedOption[];
  /** Words that stand for the first argument; empty where it is a file or an id. */
  readonly words: readonly string[];
}

/** What the help says of every command, as data. */
export function describedCommands(program: Command): readonly DescribedCommand[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: command.options
      .filter(({ long, hidden }) => long !== undefined && !hidden)
      .map(describedOption),
    words: command.registeredArguments[0]?.argChoices ?? [],
  }));
}

function describedOption(option: Option): DescribedOption {
  return {
    flag: option.long ?? '',
    description: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
  };
}
