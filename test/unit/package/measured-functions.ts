import ts from 'typescript';

export interface MeasuredFunction {
  readonly name: string;
  /** From its signature to its closing brace. */
  readonly lines: number;
  /** Blocks inside one another: if, loops, switch, try. */
  readonly nesting: number;
}

/** The functions and methods of a source file, those inside other functions included. */
export function measuredFunctions(fileName: string, text: string): readonly MeasuredFunction[] {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  const found: MeasuredFunction[] = [];
  const visit = (node: ts.Node): void => {
    if (isFunction(node) && node.body !== undefined) found.push(measured(node, source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

type AnyFunction = ts.FunctionLikeDeclaration & { readonly body?: ts.Node | undefined };

function isFunction(node: ts.Node): node is AnyFunction {
  return ts.isFunctionLike(node) && 'body' in node;
}

function measured(node: AnyFunction, source: ts.SourceFile): MeasuredFunction {
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line;
  const start = lineOf(node.getStart(source));
  const name = node.name?.getText(source) ?? `(line ${start + 1})`;
  const lines = lineOf(node.end) - start + 1;
  return { name, lines, nesting: node.body === undefined ? 0 : deepest(node.body) };
}

/** A function inside a function is measured by itself, and `else if` is no deeper than its `if`. */
function deepest(node: ts.Node): number {
  let most = 0;
  ts.forEachChild(node, (child) => {
    if (isFunction(child)) return;
    const isElseIf =
      ts.isIfStatement(child) && ts.isIfStatement(node) && node.elseStatement === child;
    most = Math.max(most, deepest(child) + (opensLevel(child) && !isElseIf ? 1 : 0));
  });
  return most;
}

function opensLevel(node: ts.Node): boolean {
  return (
    ts.isIfStatement(node) ||
    ts.isIterationStatement(node, false) ||
    ts.isSwitchStatement(node) ||
    ts.isTryStatement(node)
  );
}
