// How large files and functions are, how deep they nest, and that a name means one thing in the whole source tree.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { measuredFunctions } from './measured-functions.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MOST_FUNCTION_LINES = 40;
const MOST_NESTING = 3;
/** Lines that half, and nine of ten, of the files keep to. */
const MEDIAN_LINES = 90;
const LONG_LINES = 200;

const FILES = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(path.join(ROOT, 'src', name), 'utf8') }));

/** What has been installed in databases stays as it is. */
const FUNCTIONS = FILES.filter(({ name }) => !name.includes('/schema/migration-')).flatMap(
  ({ name, text }) => measuredFunctions(name, text).map((it) => ({ ...it, file: name })),
);

function exportedNames(text: string): readonly string[] {
  const declared =
    /^export (?:async )?(?:abstract )?(?:const|function\*?|class|interface|type) (\w+)/gm;
  return [...text.matchAll(declared)].flatMap((match) => match[1] ?? []);
}

describe('shape of the source', () => {
  it('is measured', () => {
    expect(FILES.length).toBeGreaterThan(200);
    expect(FUNCTIONS.length).toBeGreaterThan(1000);
    const [sample] = measuredFunctions(
      'sample.ts',
      'function f() {\n  if (a) {\n    for (;;) {\n    }\n  } else if (b) {\n  }\n}\n',
    );
    expect(sample).toEqual({ name: 'f', lines: 7, nesting: 2 });
  });

  it(`has files of at most ${MEDIAN_LINES} lines by half, of at most ${LONG_LINES} lines by nine tenths`, () => {
    const lines = FILES.map(({ text }) => text.split('\n').length - 1).sort((a, b) => a - b);

    expect(lines[Math.floor(lines.length * 0.5)]).toBeLessThanOrEqual(MEDIAN_LINES);
    expect(lines[Math.floor(lines.length * 0.9)]).toBeLessThanOrEqual(LONG_LINES);
  });

  it(`has no function of more than ${MOST_FUNCTION_LINES} lines`, () => {
    expect(FUNCTIONS.filter(({ lines }) => lines > MOST_FUNCTION_LINES)).toEqual([]);
  });

  it(`has no function that nests deeper than ${MOST_NESTING}`, () => {
    expect(FUNCTIONS.filter(({ nesting }) => nesting > MOST_NESTING)).toEqual([]);
  });

  it('gives each exported name one meaning', () => {
    const files = new Map<string, string[]>();
    for (const { name, text } of FILES)
      for (const exported of exportedNames(text))
        files.set(exported, [...(files.get(exported) ?? []), name]);
    const twice = [...files].filter(([, places]) => places.length > 1);

    expect(twice).toEqual([]);
  });
});
