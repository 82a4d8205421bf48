// G7: a command cannot forget to escape, because the terminal does it.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { textTable } from '../../../src/cli/table.ts';
import { CapturedStream, capturedTerminal } from './captured-terminal.ts';

const PLANTED = '\u001b[31mred\u009b2J\u202e\u007f\nnext\tcell';
const SHOWN = '\\u001b[31mred\\u009b2J\\u202e\\u007f\\nnext\\tcell';

test('lines of the result and about the run are lines', async () => {
  const { terminal, out, err } = capturedTerminal();
  terminal.print('first', PLANTED);
  terminal.note(PLANTED);
  terminal.progress(PLANTED);
  await Promise.race([terminal.printPaced([PLANTED]), null]);
  expect(out.text).toBe(`first\n${SHOWN}\n${SHOWN}\n`);
  expect(err.text).toBe(`${SHOWN}\n${SHOWN}\n`);
});

test('a line of progress is cut as it is shown', () => {
  const { terminal, err } = capturedTerminal({ err: new CapturedStream(true) });
  terminal.progress(`${'x'.repeat(57)}\u001b[2J`);
  expect(err.text).toBe(`\r\u001b[2K${'x'.repeat(57)}\\u`);
});

test('a line of progress is shown on a terminal that says it has no width', () => {
  const { terminal, err } = capturedTerminal({ err: new CapturedStream(true, 0) });
  terminal.progress('5 records  0 rejected');
  expect(err.text).toBe('\r\u001b[2K5 records  0 rejected');
});

test('JSON comes back, scripts and records keep their layout', async () => {
  const { terminal, out } = capturedTerminal();
  terminal.printJson({ v: PLANTED });
  expect(out.text).not.toMatch(/[\p{Cc}\u202e](?!$)/u);
  expect(JSON.parse(out.text)).toEqual({ v: PLANTED });
  out.text = '';
  terminal.printScript('select\t1\n\u001b');
  await Promise.race([terminal.printRecords(['"a\r\nb"\u001b']), null]);
  expect(out.text).toBe('select\t1\n\\u001b\n"a\r\nb"\\u001b\n');
});

test('columns of a table are as wide as what they show', () => {
  expect(textTable(['A', 'B'], [['x\ny', 'z']])).toEqual(['A     B', 'x\\ny  z']);
});

test('nothing else writes to the streams of the process', () => {
  const sources = fileURLToPath(new URL('../../../src', import.meta.url));
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' });
  const writers = files.filter(
    (name) =>
      name.endsWith('.ts') &&
      /process\.std(?:out|err)|\bconsole\.\w+\(/.test(
        withoutComments(readFileSync(path.join(sources, name), 'utf8')),
      ),
  );
  expect(writers).toEqual([path.join('cli', 'terminal.ts')]);
});

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
