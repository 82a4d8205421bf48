// Parts of README, guide and specification that are taken from elsewhere:
// - the fence after `<!-- sample: samples/name.ts -->` holds that file, which the tests run, or its part
//   between `// #region` and `// #endregion`;
// - the list after `<!-- tests: G1 -->` names the test files with a test of that guarantee;
// - the table after `<!-- bench: loads -->` has the numbers of bench/published.json.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { benchTable, publishedBench } from './published-bench.mjs';

const SAMPLE_MARKER = /<!-- sample: (\S+) -->\n/g;
const SAMPLE = /(<!-- sample: (\S+) -->\n```ts\n)[\s\S]*?(```\n)/g;
const REGION = /^[ \t]*\/\/ #region\n([\s\S]*?)^[ \t]*\/\/ #endregion$/m;
const TESTS = /(<!-- tests: (G\d) -->\n)\n?(?:- .*\n)*/g;
const BENCH = /(<!-- bench: loads -->\n)\n?(?:\|.*\n)*/g;
/** The title of a test or of a group of them. */
const TITLE = /\b(?:it|test|describe)(?:\.\w+(?:\([^)]*\))?)*\(\s*(['"`])(.*?)\1/g;

/** Pages that may hold such parts, relative to the root. */
export function pagesWithInclusions(root) {
  const pages = ['docs/guide', 'docs/spec'].flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .sort()
      .map((name) => `${folder}/${name}`),
  );
  return ['README.md', ...pages];
}

/** The page as it should be. */
export function withInclusions(root, file) {
  const text = readFileSync(path.join(root, file), 'utf8');
  const markers = text.match(SAMPLE_MARKER)?.length ?? 0;
  if (markers !== (text.match(SAMPLE)?.length ?? 0)) {
    throw new Error(`${file}: every sample marker needs a ts fence on the next line`);
  }
  return text
    .replace(SAMPLE, (_all, begin, sample, end) => {
      return begin + shownPart(readFileSync(path.join(root, sample), 'utf8')) + end;
    })
    .replace(BENCH, (_all, begin) => `${begin}\n${benchTable(publishedBench(root))}\n`)
    .replace(TESTS, (_all, begin, guarantee) => `${begin}\n${testList(root, file, guarantee)}`);
}

function shownPart(source) {
  return REGION.exec(source)?.[1] ?? source;
}

function testList(root, file, guarantee) {
  const files = readdirSync(path.join(root, 'test'), { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .filter((name) => holds(path.join(root, 'test', name), guarantee))
    .sort();
  if (files.length === 0) return '- no test yet\n';
  const up = path.relative(path.dirname(file), '.');
  return files.map((name) => `- [test/${name}](${path.join(up, 'test', name)})\n`).join('');
}

function holds(file, guarantee) {
  const titles = [...readFileSync(file, 'utf8').matchAll(TITLE)].map(([, , title]) => title);
  return titles.some((title) => new RegExp(`\\b${guarantee}\\b`).test(title));
}
