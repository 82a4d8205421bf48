// What people copy from docstrings, README and guide compiles against the public API as it is.

import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { type CodeBlock, codeBlocks, pages, publicSources, ROOT } from './code-blocks.ts';

const FILES = [...publicSources(), ...pages()];
const LANGUAGES = ['ts', 'js'];
const BLOCKS = FILES.flatMap((file) => LANGUAGES.flatMap((language) => codeBlocks(file, language)));

describe('code in documentation', () => {
  it('is found where it is known to be', () => {
    const files = BLOCKS.map((block) => block.file);

    expect(files).toContain('README.md');
    expect(files).toContain('src/bulk-processor.ts');
    expect(files).toContain('docs/guide/records-and-types.md');
  });

  it('compiles, block by block, with the strictest settings', { timeout: 120_000 }, () => {
    expect(compileErrors(BLOCKS)).toEqual([]);
  });

  it('would be found wrong if it were', { timeout: 120_000 }, () => {
    const wrong = `import { BulkProcessor } from 'relyt-sdk';\nawait BulkProcessor.create({ postgres: 1 });`;

    const errors = compileErrors([{ file: 'wrong.md', line: 10, code: wrong }]);

    expect(errors).toEqual([expect.stringMatching(/^wrong\.md:11: .*'postgres'/)]);
  });
});

/** All blocks in one program, each a module of its own that exists only in memory. */
function compileErrors(blocks: readonly CodeBlock[]): string[] {
  const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, ROOT);
  // An example may leave what it shows unused. A package's name means its sources: dist may be old or missing.
  Object.assign(options, {
    noUnusedLocals: false,
    noUnusedParameters: false,
    paths: {
      'relyt-sdk': [path.join(ROOT, 'src/index.ts')],
      'relyt-dev': [path.join(ROOT, 'dev/src/index.ts')],
    },
  });
  const byName = new Map(
    blocks.map((block, index) => [path.join(ROOT, `example-${index}.mts`), block]),
  );
  const program = ts.createProgram([...byName.keys()], options, inMemory(byName, options));
  return [...byName].flatMap(([name, block]) => {
    const source = program.getSourceFile(name);
    const diagnostics = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ];
    return diagnostics.map((diagnostic) => shown(block, diagnostic));
  });
}

function inMemory(
  files: ReadonlyMap<string, CodeBlock>,
  options: ts.CompilerOptions,
): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name)?.code ?? readFile(name);
  host.getSourceFile = (name, languageVersion, ...rest) => {
    const block = files.get(name);
    if (block === undefined) return getSourceFile(name, languageVersion, ...rest);
    // With an export it is a module, so that no block sees the names of another.
    return ts.createSourceFile(name, `${block.code}\nexport {};`, languageVersion);
  };
  return host;
}

function shown(block: CodeBlock, diagnostic: ts.Diagnostic): string {
  const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ');
  const before = block.code.slice(0, diagnostic.start ?? 0);
  const line = block.line + before.split('\n').length - 1;
  return `${block.file}:${line}: ${text}`;
}
