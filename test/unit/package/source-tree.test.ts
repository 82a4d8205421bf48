// Rules of the source tree that the linter has no rule for.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MOST_LINES = 300;

/** Files in these folders of the repository that are written by hand. */
function sourcesIn(...folders: readonly string[]) {
  return folders.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mts|js|mjs|sh)$/.test(name) && !name.includes('node_modules'))
      .map((name) => ({
        name: path.join(folder, name),
        text: readFileSync(path.join(ROOT, folder, name), 'utf8'),
      })),
  );
}

const FILES = sourcesIn('src', 'dev/src');
const ALL_FILES = [...FILES, ...sourcesIn('test', 'dev/test', 'bench', 'scripts', 'samples')];

describe('source tree', () => {
  it('is read', () => {
    expect(FILES.length).toBeGreaterThan(50);
    for (const folder of ['dev', 'test', 'bench', 'scripts', 'samples'])
      expect(ALL_FILES.map(({ name }) => name.split(path.sep)[0])).toContain(folder);
  });

  it(`has no file of more than ${MOST_LINES} lines`, () => {
    const long = ALL_FILES.map(({ name, text }) => ({ name, lines: text.split('\n').length - 1 }));

    expect(long.filter(({ lines }) => lines > MOST_LINES)).toEqual([]);
  });

  it('exports names, never everything', () => {
    const all = FILES.filter(({ text }) => /^export \* /m.test(text));

    expect(all.map(({ name }) => name)).toEqual([]);
  });

  it('names no file after nothing in particular', () => {
    const vague = FILES.filter(({ name }) =>
      /(^|\/)(utils?|helpers?|common|misc|types)\.ts$/.test(name),
    );

    expect(vague.map(({ name }) => name)).toEqual([]);
  });
});
