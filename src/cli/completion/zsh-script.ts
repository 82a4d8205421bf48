import { shellWord } from '../../shell-word.ts';
import type { DescribedCommand } from './described-commands.ts';

export function zshScript(commands: readonly DescribedCommand[]): string {
  return `#compdef relyt
# zsh completion for relyt. Use it: source <(relyt completion zsh)
_relyt() {
  local command="\${words[2]}" previous="\${words[CURRENT-1]}"
  local -a described
  if (( CURRENT == 2 )); then
    described=(${commands.map(({ name, description }) => item(name, description)).join(' ')})
    _describe command described
    return
  fi
  case "$command $previous" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$command" in
${commands.map(commandCase).join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o option described
  else
    _files
  fi
}
(( $+functions[compdef] )) && compdef _relyt relyt`;
}

function valueCases({ name, options }: DescribedCommand): string[] {
  return options
    .filter(({ takesValue }) => takesValue)
    .map(({ flag, choices }) => {
      const complete = choices.length === 0 ? '_files' : `compadd -- ${choices.join(' ')}`;
      return `    ${shellWord(`${name} ${flag}`)}) ${complete}; return ;;`;
    });
}

function commandCase({ name, options, words }: DescribedCommand): string {
  const items = options.map(({ flag, description }) => item(flag, description)).join(' ');
  const others =
    words.length === 0
      ? ''
      : ` [[ "\${words[CURRENT]}" != -* ]] && { compadd -- ${words.join(' ')}; return };`;
  return `    ${name})${others} described=(${items}) ;;`;
}

/** `name:description`; a colon in the name would end it. */
function item(name: string, description: string): string {
  return shellWord(`${name.replaceAll(':', '\\:')}:${description}`);
}
