import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { page } from './markdown.mjs';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** docs/reference/cli.md: what `relyt --help` and the help of each command say. */
export function cliPage() {
  const overview = help();
  const commands = commandsOf(overview);
  if (commands.length === 0) throw new Error('`relyt --help` lists no commands');
  return page(
    '# The command relyt',
    'Inside a checkout: `node dist/cli/main.js`, after `make build`. Installed as a package: `npx relyt`.',
    fence(overview),
    ...commands.flatMap((command) => [`## relyt ${command}`, fence(help(command))]),
  );
}

function help(...command) {
  const env = { ...process.env, NO_COLOR: '1', COLUMNS: '100' };
  delete env.FORCE_COLOR;
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...command, '--help'], {
    encoding: 'utf8',
    env,
  });
  if (status !== 0)
    throw new Error(`relyt ${command.join(' ')} --help ended with ${status}: ${stderr}`);
  return stdout;
}

/** Names in the section "Commands:", each at the beginning of a line indented by two. */
function commandsOf(overview) {
  const [, section = ''] = /^Commands:\n((?: {2}.*\n?|\n)*)/m.exec(overview) ?? [];
  const names = [...section.matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, name]) => name);
  return names.filter((name) => name !== 'help');
}

function fence(text) {
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\``;
}
