// Rules of the source tree that the linter has no rule for.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../../../src', import.meta.url));
const MOST_LINES = 300;

const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(path.join(SRC, name), 'utf8') }));

describe('source tree', () => {
  it('is read', () => {
    expect(FILES.length).toBeGreaterThan(50);
  });

  it(`has no file of more than ${MOST_LINES} lines`, () => {
    const long = FILES.map(({ name, text }) => ({ name, lines: text.split('\n').length - 1 }));

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
