/** The texts that the sources give to people, resolved from the syntax: no run would meet all of them. */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { sentence } from '../../../src/core/sentence.ts';

/** A text as far as the source fixes it; `…` stands for what only a run knows. */
export interface SourceText {
  readonly text: string;
  /** `src/file.ts:12`. */
  readonly place: string;
}

export const UNKNOWN = '…';
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** From a parameter to those of the callers, and on: further than this is not looked. */
const MOST_STEPS = 6;

type Callable = ts.FunctionLikeDeclaration;
type Arguments = readonly ts.Expression[];
type Named = ts.VariableDeclaration | ts.ParameterDeclaration;

export class SourceTexts {
  readonly #files: readonly ts.SourceFile[] = sources();
  /** By the name of what is called. A type checker would know more, and take ten times as long. */
  readonly #calls = new Map<string, { readonly file: ts.SourceFile; readonly args: Arguments }[]>();
  readonly #functions = new Map<string, Set<ts.SourceFile>>();
  readonly #bodies = new Map<string, Callable[]>();
  readonly #constants = new Map<string, ts.VariableDeclaration>();

  constructor() {
    this.#each((node, file) => {
      const [called, args] = callOf(node);
      if (called !== undefined) this.#calls.set(called, [...this.#callsOf(called), { file, args }]);
      const name = isCallable(node) ? nameOf(node) : undefined;
      if (name !== undefined)
        this.#functions.set(name, (this.#functions.get(name) ?? new Set()).add(file));
      if (name !== undefined && isCallable(node))
        this.#bodies.set(name, [...(this.#bodies.get(name) ?? []), node]);
      if (ts.isVariableDeclaration(node) && node.parent.parent.parent === file)
        this.#constants.set(node.name.getText(), node);
    });
  }

  /** The second argument of every `new RelytError(code, message, …)`. */
  messages(): readonly SourceText[] {
    return this.#collect((node) =>
      ts.isNewExpression(node) && node.expression.getText() === 'RelytError'
        ? node.arguments?.[1]
        : undefined,
    );
  }

  /** Every value of a property called `hint`. */
  hints(): readonly SourceText[] {
    return this.#collect((node) => {
      if (ts.isShorthandPropertyAssignment(node) && node.name.text === 'hint') return node.name;
      return ts.isPropertyAssignment(node) && node.name.getText() === 'hint'
        ? node.initializer
        : undefined;
    });
  }

  /** What `--help` says of commands, options and arguments. */
  helpTexts(): readonly SourceText[] {
    return this.#collect((node) => {
      const [called, args] = callOf(node);
      if (called === 'option' || called === 'argument' || called === 'Option') return args[1];
      return called === 'description' ? args[0] : undefined;
    });
  }

  /** The descriptions of settings whose schema says what they mean. */
  describedSettings(): readonly SourceText[] {
    return this.#collect((node) => {
      const isMethod = ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression);
      const [called, args] = callOf(node);
      return isMethod && called === 'describe' ? args[0] : undefined;
    });
  }

  /** What an editor shows of the interfaces in files whose path begins so, and of their members. */
  hoverTexts(under: string): readonly SourceText[] {
    const found: SourceText[] = [];
    this.#each((node, file) => {
      if (!file.fileName.startsWith(under)) return;
      if (!ts.isPropertySignature(node) && !ts.isInterfaceDeclaration(node)) return;
      const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
      const text = ts.getTextOfJSDocComment(doc?.comment)?.replaceAll('\n', ' ');
      if (text !== undefined) found.push({ text, place: placeOf(node) });
    });
    return found;
  }

  #collect(pick: (node: ts.Node) => ts.Expression | undefined): readonly SourceText[] {
    const found = new Map<string, SourceText>();
    this.#each((node) => {
      const expression = pick(node);
      if (expression === undefined) return;
      for (const text of this.#textsOf(expression, MOST_STEPS)) {
        const place = placeOf(expression);
        found.set(`${place} ${text}`, { text, place });
      }
    });
    return [...found.values()];
  }

  /** What an expression may be, each possibility once. */
  #textsOf(node: ts.Expression, steps: number): readonly string[] {
    if (ts.isStringLiteralLike(node)) return [node.text];
    if (ts.isTemplateExpression(node)) return this.#templateTexts(node, steps);
    if (ts.isConditionalExpression(node))
      return [...this.#textsOf(node.whenTrue, steps), ...this.#textsOf(node.whenFalse, steps)];
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node))
      return this.#textsOf(node.expression, steps);
    if (ts.isBinaryExpression(node)) return this.#binaryTexts(node, steps);
    if (ts.isIdentifier(node)) return this.#namedTexts(node, steps);
    const [called, [first]] = callOf(node);
    if (called === 'sentence' && first !== undefined)
      return this.#textsOf(first, steps).map(sentence);
    // A text that is passed through is looked at where it is made.
    if (called === 'redact' || called === 'shellWord') return [UNKNOWN];
    if (ts.isElementAccessExpression(node)) return this.#tableTexts(node.expression, steps);
    return called === undefined ? [UNKNOWN] : this.#returnedTexts(called, node, steps);
  }

  /** Every value of a constant object. */
  #tableTexts(table: ts.Expression, steps: number): readonly string[] {
    if (!ts.isIdentifier(table) || steps === 0) return [UNKNOWN];
    const object = (declarationOf(table) ?? this.#constants.get(table.text))?.initializer;
    if (object === undefined || !ts.isObjectLiteralExpression(object)) return [UNKNOWN];
    return object.properties
      .filter(ts.isPropertyAssignment)
      .flatMap(({ initializer }) => this.#textsOf(initializer, steps - 1));
  }

  /** What a function of the same file returns; or that of another one, if there is only one of the name. */
  #returnedTexts(name: string, call: ts.Node, steps: number): readonly string[] {
    const all = this.#bodies.get(name) ?? [];
    const here = all.filter((body) => body.getSourceFile() === call.getSourceFile());
    const [body] = here.length > 0 ? here : all.length === 1 ? all : [];
    if (body === undefined || steps === 0) return [UNKNOWN];
    const texts = returnsOf(body).flatMap((returned) => this.#textsOf(returned, steps - 1));
    return texts.length === 0 ? [UNKNOWN] : [...new Set(texts)];
  }

  #binaryTexts(node: ts.BinaryExpression, steps: number): readonly string[] {
    const kind = node.operatorToken.kind;
    const left = this.#textsOf(node.left, steps);
    const right = this.#textsOf(node.right, steps);
    if (kind === ts.SyntaxKind.PlusToken) return left.flatMap((a) => right.map((b) => a + b));
    return kind === ts.SyntaxKind.QuestionQuestionToken ? [...left, ...right] : [UNKNOWN];
  }

  #templateTexts(node: ts.TemplateExpression, steps: number): readonly string[] {
    return node.templateSpans.reduce<readonly string[]>(
      (before, { expression, literal }) => {
        const parts = this.#textsOf(expression, steps);
        return before.flatMap((text) => parts.map((part) => text + part + literal.text));
      },
      [node.head.text],
    );
  }

  /** A constant is what it was made; a parameter is what each caller gives. */
  #namedTexts(node: ts.Identifier, steps: number): readonly string[] {
    const declaration = declarationOf(node) ?? this.#constants.get(node.text);
    if (steps === 0 || declaration === undefined) return [UNKNOWN];
    if (ts.isParameter(declaration)) return this.#givenTexts(declaration, steps);
    const { initializer } = declaration;
    return initializer === undefined ? [UNKNOWN] : this.#textsOf(initializer, steps - 1);
  }

  #givenTexts(parameter: ts.ParameterDeclaration, steps: number): readonly string[] {
    const callee = parameter.parent as Callable;
    const index = callee.parameters.indexOf(parameter);
    const name = nameOf(callee);
    const home = callee.getSourceFile();
    const others = this.#functions.get(name ?? '') ?? new Set();
    const texts = this.#callsOf(name)
      // A file with a function of that name means its own one.
      .filter(({ file }) => file === home || !others.has(file))
      .flatMap(({ args }) => {
        const argument = args[index] ?? parameter.initializer;
        return argument === undefined ? [] : this.#textsOf(argument, steps - 1);
      });
    return texts.length === 0 ? [UNKNOWN] : [...new Set(texts)];
  }

  #callsOf(name: string | undefined) {
    return (name === undefined ? undefined : this.#calls.get(name)) ?? [];
  }

  #each(visitor: (node: ts.Node, file: ts.SourceFile) => void): void {
    for (const file of this.#files) {
      const visit = (node: ts.Node): void => {
        visitor(node, file);
        ts.forEachChild(node, visit);
      };
      visit(file);
    }
  }
}

function sources(): readonly ts.SourceFile[] {
  return readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join('src', name))
    .map((name) => {
      const text = readFileSync(path.join(ROOT, name), 'utf8');
      return ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
    });
}

/** Name and arguments of a call or a construction. */
function callOf(node: ts.Node): [name: string | undefined, args: Arguments] {
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return [undefined, []];
  const { expression } = node;
  const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
  return [
    ts.isIdentifier(name) || ts.isPrivateIdentifier(name) ? name.text : undefined,
    node.arguments ?? [],
  ];
}

function isCallable(node: ts.Node): node is Callable {
  return ts.isFunctionLike(node) && 'body' in node;
}

/** What callers call it: a constructor has the name of its class, an arrow that of its constant. */
function nameOf(callable: Callable): string | undefined {
  const { parent } = callable;
  if (ts.isConstructorDeclaration(callable)) return callable.parent.name?.text;
  if (callable.name !== undefined) return callable.name.getText();
  return ts.isVariableDeclaration(parent) ? parent.name.getText() : undefined;
}

function returnsOf({ body }: Callable): readonly ts.Expression[] {
  if (body === undefined) return [];
  if (!ts.isBlock(body)) return [body];
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isReturnStatement(node) && node.expression !== undefined) found.push(node.expression);
    if (!ts.isFunctionLike(node)) ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}

/** The parameter or constant that a name means here, if the file has it. */
function declarationOf(name: ts.Identifier): Named | undefined {
  for (let scope: ts.Node = name.parent; scope !== undefined; scope = scope.parent) {
    const found = declaredIn(scope).find((declared) => declared.name.getText() === name.text);
    if (found !== undefined) return found;
  }
  return undefined;
}

function declaredIn(scope: ts.Node): readonly Named[] {
  if (isCallable(scope)) return [...scope.parameters];
  if (!ts.isBlock(scope) && !ts.isSourceFile(scope)) return [];
  return scope.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations]);
}

function placeOf(node: ts.Node): string {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  return `${file.fileName}:${line + 1}`;
}
