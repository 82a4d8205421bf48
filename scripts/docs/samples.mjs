// Code blocks of README and guide that are taken from samples/, which the tests run:
// the fence after `<!-- sample: samples/name.ts -->` holds that file, or its part between
// `// #region` and `// #endregion`.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const MARKER = /<!-- sample: (\S+) -->\n/g;
const BLOCK = /(<!-- sample: (\S+) -->\n```ts\n)[\s\S]*?(```\n)/g;
const REGION = /^[ \t]*\/\/ #region\n([\s\S]*?)^[ \t]*\/\/ #endregion$/m;

/** Pages that may hold such blocks, relative to the root. */
export function pagesWithSamples(root) {
  const guide = readdirSync(path.join(root, 'docs/guide'))
    .filter((name) => name.endsWith('.md'))
    .sort();
  return ['README.md', ...guide.map((name) => `docs/guide/${name}`)];
}

/** The page as it should be. */
export function withSamples(root, file) {
  const text = readFileSync(path.join(root, file), 'utf8');
  const markers = text.match(MARKER)?.length ?? 0;
  const blocks = text.match(BLOCK)?.length ?? 0;
  if (markers !== blocks) {
    throw new Error(`${file}: every sample marker needs a ts fence on the next line (${markers} markers, ${blocks} fences)`);
  }
  return text.replace(BLOCK, (_block, begin, sample, end) => {
    return `${begin}${shownPart(readFileSync(path.join(root, sample), 'utf8'))}${end}`;
  });
}

function shownPart(source) {
  const region = REGION.exec(source)?.[1];
  return region ?? source;
}
