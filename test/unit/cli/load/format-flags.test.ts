// G8: messages and hints call the options of the format as the caller knows them.

import { Readable } from 'node:stream';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addFormatFlags, FORMAT_FLAGS } from '../../../../src/cli/load/format-flags.ts';
import type { FormatOptions, OptionNames } from '../../../../src/input/format-options.ts';
import { InputSource } from '../../../../src/input/input-source.ts';
import { openRecordSource } from '../../../../src/input/open-record-source.ts';
import { failure } from '../../input/read-all.ts';
import { targetColumn, targetTable } from '../../records/target-fixture.ts';

const TABLE = targetTable([targetColumn('id', 'text'), targetColumn('name', 'text')], []);

async function readWith(content: string, format: FormatOptions, optionNames?: OptionNames) {
  const input = new InputSource(Readable.from([Buffer.from(content)]), { name: 'a' });
  const onBadRecord = ({ error }: { readonly error: Error }) => {
    throw error;
  };
  const options = { input, format, optionNames, table: TABLE, onBadRecord };
  const source = await openRecordSource(options);
  for await (const _ of source.batches(0));
}

describe.each<[string, string, FormatOptions, keyof OptionNames]>([
  ['columns of the input', 'id,name\n', { forceNull: ['x'] }, 'forceNull'],
  ['no CSV option for text', '1\t2\n', { format: 'text', escape: '"' }, 'escape'],
  ['a column that is not there', 'nmae\n', {}, 'columns'],
  ['a quote that is closed', 'id,name\n1,"a\n', {}, 'quote'],
  ['as many fields as the header', 'id,name\n1;a\n', {}, 'delimiter'],
  ['names in the header', 'id,\n1,a\n', {}, 'noHeader'],
  ['no CSV option for NDJSON', '{"id":1}\n', { nullText: '-' }, 'nullText'],
  ['a format where it is not clear', '{"id":1}\n', { quote: "'" }, 'format'],
])('%s', (_case, content, format, option) => {
  test('a program reads the name of the option', async () => {
    const { message, hint } = await failure(readWith(content, format));
    expect(`${message} ${hint}`).toMatch(/`\w+/);
    expect(`${message} ${hint}`).not.toContain('--');
  });

  test('a command reads the flag', async () => {
    const { message, hint } = await failure(readWith(content, format, FORMAT_FLAGS));
    expect(`${message} ${hint}`).toContain(FORMAT_FLAGS[option]);
    expect(`${message} ${hint}`).not.toContain('`');
  });
});

test('every flag that a hint may name is there', () => {
  const flags = addFormatFlags(new Command()).options.map(({ long }) => long);
  expect(flags).toEqual(expect.arrayContaining(Object.values(FORMAT_FLAGS)));
});
