// A program can do everything a command can: the command takes no way round the public API. What else it may import is
// listed here with the reason, so that a new way round has to be argued for.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../../../src', import.meta.url));

/** What a terminal shows, and what an argument of a command line means: rules without a database. */
const WORDS: Readonly<Record<string, string>> = {
  'core/changeable-setting.ts': 'names that an option offers',
  'core/connection/connection-string.ts': 'an argument is checked before it is used',
  'core/control-characters.ts': 'nothing acts on the terminal',
  'core/figures.ts': 'numbers, bytes and seconds as people read them',
  'core/nearest-name.ts': 'the setting that was meant',
  'core/redaction.ts': 'nothing shows a secret',
  'core/safe-error.ts': 'nothing shows a secret',
  'core/sentence.ts': 'a message ends with a full stop',
  'core/shown-group.ts': 'a group as a message names it',
  'core/table-name.ts': 'the name of a table as an argument',
  'core/task-failure.ts': 'whatever was thrown, as an error with a code',
  'core/task-state.ts': 'names that an option offers',
  'config/logger.ts': 'names that an option offers',
  'engines/profiles.ts': 'names that an option offers',
  'operations/task-status.ts':
    'states and next steps in words, which the page of the monitor shows as well',
  'shell-word.ts': 'commands in hints',
};

/**
 * The load of a file: how it is read is not part of the public API yet (`loadFiles` is to be), so it is put together
 * from the parts that `BulkProcessor` has inside.
 */
const FILE_LOAD: readonly string[] = [
  'core/sqlstate.ts',
  'core/storable-json.ts',
  'core/target-table.ts',
  'database/database-error.ts',
  'database/database.ts',
  'database/session.ts',
  'database/statements/bookkeeping.ts',
  'database/statements/unfinished.ts',
  'explain/explain-import.ts',
  'explain/script-text.ts',
  'explain/statement-recorder.ts',
  'input/format-options.ts',
  'input/format.ts',
  'input/input-source.ts',
  'input/open-input.ts',
  'input/open-record-source.ts',
  'input/record-batch.ts',
  'input/record-line.ts',
  'input/record-source.ts',
  'operations/started-load.ts',
  'records/field-row.ts',
  'task/begin-task.ts',
  'task/keyed-task.ts',
  'task/open-task.ts',
  'task/plan-load.ts',
  'task/record-intake.ts',
  'task/resume-task.ts',
];
const LOADS_FILES = /^cli\/(load\/|resume\/resume-file\.ts$)/;

interface Import {
  /** Below src/. */
  readonly from: string;
  readonly to: string;
  /** Undefined for all of it. */
  readonly names: readonly string[] | undefined;
}

function sourceFile(name: string): ts.SourceFile {
  const text = readFileSync(path.join(SRC, name), 'utf8');
  return ts.createSourceFile(name, text, ts.ScriptTarget.Latest);
}

/** Names of `{ a, type b }`, or undefined where not each is named. */
function namesOf(node: ts.ImportDeclaration | ts.ExportDeclaration): readonly string[] | undefined {
  const bindings = ts.isImportDeclaration(node)
    ? node.importClause?.namedBindings
    : node.exportClause;
  if (bindings === undefined || !(ts.isNamedImports(bindings) || ts.isNamedExports(bindings)))
    return undefined;
  return bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
}

/** Static and dynamic imports, of types as well. */
function importsOf(from: string): readonly Import[] {
  const found: Import[] = [];
  const add = (specifier: string, names: readonly string[] | undefined) => {
    if (specifier.startsWith('.'))
      found.push({ from, to: path.join(path.dirname(from), specifier), names });
  };
  const visit = (node: ts.Node): void => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier !== undefined
    )
      add((node.moduleSpecifier as ts.StringLiteral).text, namesOf(node));
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments;
      if (specifier !== undefined && ts.isStringLiteral(specifier)) add(specifier.text, undefined);
    }
    if (ts.isImportTypeNode(node))
      add(((node.argument as ts.LiteralTypeNode).literal as ts.StringLiteral).text, undefined);
    ts.forEachChild(node, visit);
  };
  visit(sourceFile(from));
  return found;
}

/** The public names, with the file each comes from. */
const PUBLIC = new Set(
  importsOf('index.ts').flatMap(({ to, names = [] }) => names.map((name) => `${name} of ${to}`)),
);

const COMMAND_FILES = readdirSync(path.join(SRC, 'cli'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => path.join('cli', name));

/** What the command imports from outside of its own folder. */
const OUTWARD = COMMAND_FILES.flatMap(importsOf).filter(({ to }) => !to.startsWith('cli/'));

function isPublic({ to, names }: Import): boolean {
  return names?.every((name) => PUBLIC.has(`${name} of ${to}`)) === true;
}

function isListed({ from, to }: Import): boolean {
  return Object.hasOwn(WORDS, to) || (LOADS_FILES.test(from) && FILE_LOAD.includes(to));
}

describe('the command', () => {
  it('is measured', () => {
    expect(COMMAND_FILES.length).toBeGreaterThan(50);
    expect(OUTWARD.length).toBeGreaterThan(100);
    expect(PUBLIC.has('connect of connected.ts')).toBe(true);
    expect(importsOf('cli/cli.ts')).toContainEqual({
      from: 'cli/cli.ts',
      to: 'cli/commands/init.ts',
      names: undefined,
    });
  });

  it('imports the public API, words for people, and nothing else but to load files', () => {
    const others = OUTWARD.filter((one) => !isPublic(one) && !isListed(one));
    expect(others.map(({ from, to, names }) => `${from}: ${names?.join(', ')} of ${to}`)).toEqual(
      [],
    );
  });

  it('needs every exception that is listed', () => {
    const needed = new Set(OUTWARD.filter((one) => !isPublic(one)).map(({ to }) => to));
    const listed = [...Object.keys(WORDS), ...FILE_LOAD];
    expect(listed.filter((file) => !needed.has(file))).toEqual([]);
  });
});
