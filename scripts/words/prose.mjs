import ts from 'typescript';

/** @typedef {{ kind: 'prose' | 'string', text: string, at: number }} Passage `at` is where its text begins in the file */

/**
 * Markdown without what is not prose: code, links' addresses, HTML comments, and what stands between
 * `<!-- words: off -->` and `<!-- words: on -->`. Blanked in place, so that every index is that of the file.
 */
export function proseOfMarkdown(source) {
  const text = [
    /<!-- words: off -->[\s\S]*?(?:<!-- words: on -->|$)/g,
    /^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1/gm,
    /<!--[\s\S]*?-->/g,
    /^(?: {4}|\t)(?! *(?:[-*]|\d+\.) ).*$/gm,
    /\]\([^)]*\)/g,
  ].reduce((rest, pattern) => rest.replace(pattern, blank), source);
  // Columns of a table are aligned by spaces.
  const lined = text.replace(/^\|.*\|$/gm, (row) => row.replace(/ {2,}(?=\|)/g, blank));
  return [{ kind: 'prose', text: withoutInlineCode(lined), at: 0 }];
}

/** The comments and the strings of a TypeScript or JavaScript file. */
export function proseOfSource(source, name = 'source.ts') {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true);
  const comments = new Map();
  const strings = [];
  const visit = (node) => {
    for (const { pos, end } of commentsAround(source, node)) comments.set(pos, end);
    if (isText(node))
      strings.push({ kind: 'string', text: node.getText(file), at: node.getStart() });
    ts.forEachChild(node, visit);
  };
  visit(file);
  const prose = [...comments].map(([at, end]) => ({
    kind: 'prose',
    text: proseOfComment(source.slice(at, end)),
    at,
  }));
  return [
    ...prose,
    ...strings.map(({ text, ...rest }) => ({ ...rest, text: withoutInlineCode(text) })),
  ];
}

function commentsAround(source, node) {
  return [
    ...(ts.getLeadingCommentRanges(source, node.getFullStart()) ?? []),
    ...(ts.getTrailingCommentRanges(source, node.end) ?? []),
  ];
}

/** A string without a space is a name, not prose. */
function isText(node) {
  return (
    /\s/.test(node.text ?? '') &&
    (ts.isStringLiteral(node) ||
      ts.isNoSubstitutionTemplateLiteral(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddle(node) ||
      ts.isTemplateTail(node))
  );
}

function proseOfComment(comment) {
  const text = comment
    .replace(/```[\s\S]*?```/g, blank)
    .replace(/@example [^\n]*/g, blank)
    .replace(/^\s*\* {4,}.*$/gm, blank)
    .replace(/^[^\S\n]*\*(?!\/)/gm, (edge) => ' '.repeat(edge.length))
    .replace(/biome-ignore[^\n]*/g, blank);
  return withoutInlineCode(text);
}

/** In a template literal, its backquotes are escaped. */
function withoutInlineCode(text) {
  return text.replace(/\\?`[^`\n]{1,120}?\\?`/g, (code) => '`'.repeat(code.length));
}

/** As long as before, with its line ends; a mark that no rule looks for stands for what is left out. */
function blank(part) {
  return part.replace(/[^\n]/g, '·');
}
