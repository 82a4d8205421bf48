// Checks prose for words and phrases that the style page (docs/internals/style.md) tells to avoid: Markdown, comments,
// and strings of the sources. Own code, because the linters of npm read Markdown only, and warn of passives and adverbs
// by the hundred.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { proseOfMarkdown, proseOfSource } from './words/prose.mjs';
import { findSlips } from './words/slips.mjs';

/** Generated from sources that are checked themselves, or in words that are not ours. */
const LEFT_OUT =
  /^docs\/reference\/|^dev\/src\/s3\/(s3-error|signature-claim)\.ts$|^scripts\/words\/slips\.mjs$/;
const CHECKED = ['*.md', 'docs', 'src', 'dev/README.md', 'dev/src', 'scripts', 'samples'];

const files = execFileSync('git', [
  'ls-files',
  '--cached',
  '--others',
  '--exclude-standard',
  ...CHECKED,
])
  .toString()
  .split('\n')
  .filter((file) => /\.(md|[cm]?ts|mjs)$/.test(file) && !LEFT_OUT.test(file) && existsSync(file));

const found = files.flatMap((file) => {
  const source = readFileSync(file, 'utf8');
  const passages = file.endsWith('.md') ? proseOfMarkdown(source) : proseOfSource(source, file);
  return passages.flatMap(({ kind, text, at }) =>
    findSlips(text, kind).map(({ index, words, instead }) => {
      const line = source.slice(0, at + index).split('\n').length;
      return `${file}:${line}: "${words.replace(/\s+/g, ' ')}" → ${instead}`;
    }),
  );
});

if (found.length > 0) {
  console.error(found.join('\n'));
  console.error(
    `\n${found.length} slips in ${files.length} files; docs/internals/style.md says how to write.`,
  );
  process.exitCode = 1;
}
