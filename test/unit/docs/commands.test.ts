// Commands in documentation and in hints of errors exist, with the options they are shown with.

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../../src/errors.ts';
import { pages, ROOT, readPage } from './code-blocks.ts';

const HELP = readPage('docs/reference/cli.md');

describe('commands in documentation', () => {
  it('are found where they are known to be', () => {
    const commands = pages()
      .flatMap(relytCommands)
      .map(({ command }) => command);

    expect(commands).toEqual(expect.arrayContaining(['init', 'load', 'dev']));
  });

  it.each(pages().filter((page) => page !== 'docs/reference/cli.md'))('of %s exist', (page) => {
    expect(relytCommands(page).flatMap(problems)).toEqual([]);
    expect(makeTargets(page).filter((target) => !isTarget(target))).toEqual([]);
  });

  it('exist where hints and messages name them', () => {
    const sources = ['src', 'dev/src'].flatMap((folder) =>
      readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => path.join(folder, name)),
    );

    const found = sources.flatMap((source) => relytCommands(source).flatMap(problems));

    expect(found).toEqual([]);
  });

  it('name what they are for, where a hint prints them', () => {
    const hints = Object.values(ERROR_CODES).map(({ hint }) => hint);
    const source = (name: string) => readPage(name).replace(/^\s*(?:\*|\/\/).*$/gm, '');
    const cli = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.startsWith('error-codes'))
      .flatMap((name) => [...source(path.join('src', name)).matchAll(/hint: .*$/gm)])
      .map(([line]) => line);

    const found = [...hints, ...cli].flatMap((text) =>
      [...text.matchAll(/relyt (abort|resume|show|errors)\b(?! (?:PROCESS_ID|\$\{))/g)].map(
        ([command]) => `${command}: ${text}`,
      ),
    );

    expect(found).toEqual([]);
  });
});

interface ShownCommand {
  readonly page: string;
  readonly command: string;
  readonly options: readonly string[];
}

/** A page in which lines of a shell block stand indented, as commands do that are shown without a fence. */
function withIndentedCommands(page: string): string {
  return readPage(page).replace(/^```sh\n([\s\S]*?)^```$/gm, (_, lines: string) =>
    lines.replace(/^/gm, '    '),
  );
}

/** In backticks, on an indented line, or in a shell block; a backslash joins lines. */
function relytCommands(page: string): ShownCommand[] {
  const text = withIndentedCommands(page).replace(/\\\n\s*/g, '');
  const shown = page.endsWith('.md')
    ? /(?:^ {4}(?:.*\| |RELYT_\S+ )?|`)(?:npx )?relyt ([a-z]+)([^`\n]*)/gm
    : /`relyt ([a-z]+)([^`\n]*)`/g;
  return [...text.matchAll(shown)].map(([, command = '', rest = '']) => ({
    page,
    command,
    // `--s3-…` stands for several.
    options: (rest.match(/--[a-z][a-z0-9-]*…?/g) ?? []).filter((option) => !option.endsWith('…')),
  }));
}

function problems({ page, command, options }: ShownCommand): string[] {
  const start = HELP.indexOf(`## relyt ${command}\n`);
  if (start < 0) return [`${page}: there is no command relyt ${command}`];
  const [help = ''] = HELP.slice(start).split(/\n## /);
  return options
    .filter((option) => !new RegExp(`${option}(?![a-z0-9-])`).test(help))
    .map((option) => `${page}: relyt ${command} has no option ${option}`);
}

function makeTargets(page: string): string[] {
  const targets = withIndentedCommands(page).matchAll(/(?:^ {4}|`)make ([a-z-]+)/gm);
  return [...targets].map(([, target = '']) => target);
}

function isTarget(name: string): boolean {
  return new RegExp(`^${name}:`, 'm').test(readPage('Makefile'));
}
