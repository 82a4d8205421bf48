import { pages, readPage } from './code-blocks.ts';

/** A command that a page shows, as a reader would paste it. */
export interface ShownLine {
  readonly page: string;
  readonly command: string;
}

/** Fences of a shell, and indented blocks that begin with a command. Lines that end in a backslash are one. */
function shellCommands(page: string): ShownLine[] {
  const lines = readPage(page)
    .replace(/\\\n\s*/g, '')
    .split('\n');
  const commands: ShownLine[] = [];
  let fence: string | undefined;
  for (const line of lines) {
    const mark = /^\s*```(\w*)/.exec(line);
    if (mark) {
      fence = fence === undefined ? (mark[1] ?? '') : undefined;
      continue;
    }
    const text = fence === undefined ? INDENTED.exec(line)?.[1] : isShell(fence) ? line : undefined;
    const command = text?.replace(/\s+#.*$/, '').trim();
    if (command !== undefined && command !== '' && !command.startsWith('#'))
      commands.push({ page, command });
  }
  return commands;
}

const isShell = (language: string) => language === 'sh' || language === 'bash';

const PROGRAMS = 'npx|npm|relyt|make|psql|export|zcat|printf|ssh|aws|git|cat|curl';
const INDENTED = new RegExp(`^ {4}((?:[A-Z][A-Z_0-9]*=\\S+ )*(?:${PROGRAMS})\\b.*)$`);

/** Of all pages but the generated ones, whose examples are those of `--help`. */
export function allShellCommands(): ShownLine[] {
  return pages()
    .filter((page) => !page.startsWith('docs/reference/') && page !== 'CHANGELOG.md')
    .flatMap(shellCommands);
}

/** Commands that no test runs as they are shown, and why. `by` names the test that runs what they run, if there is one. */
export const NOT_RUN: readonly {
  readonly command: RegExp;
  readonly why: string;
  readonly by?: string;
}[] = [
  {
    command: /^make /,
    why: 'builds or tests this checkout; that the target exists is tested',
    by: 'test/unit/docs/commands.test.ts',
  },
  {
    command: /^npm install\b/,
    why: 'installs into a project; the package is installed from its file',
    by: 'scripts/matrix.mjs',
  },
  {
    command: /^npx relyt-dev\b/,
    why: 'serves until it is stopped',
    by: 'dev/test/integration/command.test.ts',
  },
  {
    command: /relyt monitor\b/,
    why: 'serves until it is stopped',
    by: 'test/integration/monitor/gate.test.ts',
  },
  {
    command: /^npx relyt dev$/,
    why: 'serves until it is stopped',
    by: 'test/integration/cli/dev.test.ts',
  },
  { command: /^ssh /, why: 'needs another machine' },
  { command: /^aws /, why: 'needs an account of AWS' },
  {
    command: /relyt init --engine (?:greenplum|relyt)\b/,
    why: 'needs a cluster, which RELYT_TEST_GREENPLUM_URL or RELYT_TEST_RELYT_URL names',
    by: 'test/support/engine-clusters.ts',
  },
];
