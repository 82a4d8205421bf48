import { Argument, type Command } from 'commander';
import { bashScript } from '../completion/bash-script.ts';
import { type DescribedCommand, describedCommands } from '../completion/described-commands.ts';
import { fishScript } from '../completion/fish-script.ts';
import { zshScript } from '../completion/zsh-script.ts';
import { EXIT } from '../exit-code.ts';
import type { RunCommand } from '../run-command.ts';
import type { Terminal } from '../terminal.ts';

const SHELLS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const satisfies Record<
  string,
  (commands: readonly DescribedCommand[]) => string
>;

const HELP = `
For every new shell:
  bash  echo 'source <(relyt completion bash)' >> ~/.bashrc
  zsh   echo 'source <(relyt completion zsh)' >> ~/.zshrc
  fish  relyt completion fish > ~/.config/fish/completions/relyt.fish`;

/** The program has to hold all other commands as well: the script is made of what they say. */
export function addCompletionCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'name of the shell').choices(Object.keys(SHELLS)))
    .addHelpText('after', HELP)
    .action((shell: keyof typeof SHELLS) =>
      run(async () => {
        terminal.printScript(SHELLS[shell](describedCommands(program)));
        return EXIT.done;
      }),
    );
}
