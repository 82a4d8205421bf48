import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A fenced block of code, and the line of its file where its code begins (1-based). */
export interface CodeBlock {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

/** The pages of the root, everything below docs/, and the README of relyt-dev, relative to the root. */
export function pages(): string[] {
  const below = readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const docs = below.filter((name) => name.endsWith('.md')).map((name) => path.join('docs', name));
  const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'dev/README.md'];
  return [...pages, ...docs.sort()];
}

export function readPage(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

/** Source files that src/index.ts exports from, and itself. */
export function publicSources(): string[] {
  const index = readPage('src/index.ts');
  const sources = [...index.matchAll(/from '\.\/([^']+)'/g)].map(([, name]) => `src/${name}`);
  return ['src/index.ts', ...sources];
}

/** The blocks of a language, in a page or in the docstrings of a source file. */
export function codeBlocks(file: string, language: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { line: number; code: string[]; wanted: boolean } | undefined;
  for (const [index, line] of readPage(file).split('\n').entries()) {
    const text = file.endsWith('.ts') ? line.replace(/^\s*\* ?/, '') : line;
    const fence = /^\s*```(\w*)\s*$/.exec(text);
    if (open === undefined) {
      if (fence) open = { line: index + 2, code: [], wanted: fence[1] === language };
    } else if (fence) {
      if (open.wanted) blocks.push({ file, line: open.line, code: open.code.join('\n') });
      open = undefined;
    } else {
      open.code.push(text);
    }
  }
  if (open !== undefined) throw new Error(`${file}:${open.line}: the code block has no end`);
  return blocks;
}
