import { shellWord } from '../../shell-word.ts';
import type { DescribedCommand, DescribedOption } from './described-commands.ts';

export function fishScript(commands: readonly DescribedCommand[]): string {
  return `# fish completion for relyt. Use it: relyt completion fish | source
complete -c relyt -n __fish_use_subcommand -f
${commands.flatMap(commandLines).join('\n')}`;
}

function commandLines({ name, description, options, words }: DescribedCommand): string[] {
  const seen = `-n '__fish_seen_subcommand_from ${name}'`;
  return [
    `complete -c relyt -n __fish_use_subcommand -a ${name} -d ${shellWord(description)}`,
    ...(words.length === 0 ? [] : [`complete -c relyt ${seen} -f -a '${words.join(' ')}'`]),
    ...options.map((option) => `complete -c relyt ${seen} ${optionWords(option)}`),
  ];
}

function optionWords({ flag, description, takesValue, choices }: DescribedOption): string {
  const value = choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : takesValue ? ' -r' : '';
  return `-l ${flag.replace(/^--/, '')}${value} -d ${shellWord(description)}`;
}
