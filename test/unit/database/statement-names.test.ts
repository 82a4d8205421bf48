// A statement has the name of the function that makes it, so that a name leads to the SQL, and none stands for two.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const FOLDER = new URL('../../../src/database/statements/', import.meta.url);

/** Functions of a file, each with the text up to the next one. */
function functionsIn(file: string): { name: string; text: string }[] {
  const source = readFileSync(new URL(file, FOLDER), 'utf8');
  return source
    .split(/^(?=(?:export )?(?:const|function) )/m)
    .map((text) => ({ name: /(?:const|function) (\w+)/.exec(text)?.[1] ?? '', text }));
}

test('statements are called what their functions are called', () => {
  const names: string[] = [];
  for (const file of readdirSync(FOLDER)) {
    for (const { name, text } of functionsIn(file)) {
      if (!/: Statement =>/.test(text)) continue;
      const said = [...text.matchAll(/\bname: '(\w+)'/g)].map(([, said]) => said);
      expect({ file, said }).toEqual({ file, said: [name] });
      names.push(name);
    }
  }
  expect(names.length).toBeGreaterThan(50);
  expect(new Set(names).size).toBe(names.length);
});
