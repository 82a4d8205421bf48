import { shellWord } from '../../shell-word.ts';
import type { DescribedCommand } from './described-commands.ts';

/** For bash 3.2 and later, as macOS has it: no associative arrays. */
export function bashScript(commands: readonly DescribedCommand[]): string {
  return `# bash completion for relyt. Use it: source <(relyt completion bash)
_relyt() {
  local word="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"
  local words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    words=${listed(commands.map(({ name }) => name))}
  else
    case "$command $previous" in
${commands.flatMap(valueCases).join('\n')}
      *)
        case "$command" in
${commands.map(commandCase).join('\n')}
        esac
        ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -o bashdefault -F _relyt relyt`;
}

/** After an option that takes one of few values; after one that takes any, files are completed. */
function valueCases({ name, options }: DescribedCommand): string[] {
  return options
    .filter(({ takesValue }) => takesValue)
    .map(
      ({ flag, choices }) => `      ${shellWord(`${name} ${flag}`)}) words=${listed(choices)} ;;`,
    );
}

function commandCase({ name, options, words }: DescribedCommand): string {
  const flags = listed(options.map(({ flag }) => flag));
  const others = words.length === 0 ? '' : ` [ "\${word#-}" = "$word" ] && words=${listed(words)};`;
  return `          ${name}) case "$word" in -*) words=${flags} ;; esac;${others} ;;`;
}

function listed(words: readonly string[]): string {
  return `'${words.join(' ')}'`;
}
