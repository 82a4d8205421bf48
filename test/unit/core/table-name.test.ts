// G8: the name of a table in a command of a hint is that table's, once a shell and the command have read it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tableArgument } from '../../../src/cli/argument-parsers.ts';
import { foreignCodeHint } from '../../../src/core/foreign-code.ts';
import { setUpCommand } from '../../../src/core/routing-commands.ts';
import { tableWord } from '../../../src/core/table-name.ts';
import { resolveMigration } from '../../../src/migrate/migrate-options.ts';
import { qualifiedTableName } from '../../../src/routing/qualified-table-name.ts';
import { wordsOf } from '../../support/shell.ts';

describe('the name of a table as a word', () => {
  test.each([
    ['public', 'events', 'public.events'],
    ['Odd Schema', "it's", "'Odd Schema.it'\\''s'"],
    ['a.b', 'c"d', `'"a.b"."c""d"'`],
    ['public', '$(rm)', "'public.$(rm)'"],
    ['-x', 'a,b', `'"-x"."a,b"'`],
  ])('%s and %s', (schema, table, word) => {
    expect(tableWord(schema, table)).toBe(word);
  });

  test('G8: is read back as the table it was made of, by every command', () => {
    const name = fc.string({
      unit: fc.constantFrom(...'aZ_9 .,"\'`$\\;&|*?~#!()<>{}[]=-ä\n\t'),
      minLength: 1,
      maxLength: 8,
    });
    const names = fc.sample(fc.record({ schema: name, table: name }), { numRuns: 500, seed: 11 });
    const words = wordsOf(names.map(({ schema, table }) => tableWord(schema, table)).join(' '));
    expect(words).toHaveLength(names.length);
    words.forEach((word, n) => {
      expect(tableArgument(word)).toEqual(names[n]);
      expect(qualifiedTableName(word)).toEqual(names[n]);
      expect(resolveMigration({ tables: [word], threshold: 1 }).tables).toEqual([names[n]]);
    });
  });
});

describe('G8: commands of hints name a table as a word', () => {
  const [schema, name] = ['My "Data"', 'q3.sales; rm'] as const;

  test('that sets its routing up', () => {
    expect(wordsOf(setUpCommand({ schema, name }, "it's")).map(parsed)).toEqual([
      'relyt',
      'init',
      '--routing',
      { schema, table: name },
      '--group-column',
      "it's",
    ]);
  });

  test('that makes its view again', () => {
    const view = {
      kind: 'rule',
      object: '"_RETURN"',
      relation: 'v',
      routed: [schema, name],
      on: 'function f()',
      owner: 'mallory',
      trusted: false,
      pinned: true,
    } as const;
    const [, command = ''] =
      /and `(relyt init --routing .*?)` as/.exec(foreignCodeHint([view], () => false)) ?? [];
    expect(wordsOf(command).map(parsed)).toEqual([
      'relyt',
      'init',
      '--routing',
      { schema, table: name },
      '--view',
    ]);
  });
});

function parsed(word: string): unknown {
  return word.includes('.') ? tableArgument(word) : word;
}
