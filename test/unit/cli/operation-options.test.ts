import { describe, expect, it } from 'vitest';
import { oneOf } from '../../../src/cli/argument-parsers.ts';
import { durationSeconds } from '../../../src/cli/commands/gc.ts';
import { textTable } from '../../../src/cli/table.ts';

describe('options of the commands about tasks', () => {
  it.each([
    ['0', 0],
    ['90s', 90],
    ['30m', 1800],
    ['24h', 86_400],
    ['7d', 604_800],
  ])('take %s as a time', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });

  it.each(['', '24', '-1h', '1.5h', '24 h', '1w', 'h', '0x10s'])('refuse %j as a time', (text) => {
    expect(() => durationSeconds(text)).toThrow(/30m, 24h or 7d/);
  });

  it('take a word in any case, as it is written in the list', () => {
    expect(oneOf(['RUNNING', 'FAILED'])('failed')).toBe('FAILED');
    expect(oneOf(['onConflict'])('onconflict')).toBe('onConflict');
    expect(() => oneOf(['RUNNING', 'FAILED'])('dead')).toThrow('one of RUNNING, FAILED');
  });

  it('show a table with numbers to the right and no blanks at the end', () => {
    const rows = [
      ['a', '1', 'x'],
      ['long', '1,000', ''],
    ];
    expect(textTable(['NAME', 'N', 'WHY'], rows, { right: ['N'] })).toBe(
      ['NAME      N  WHY', 'a         1  x', 'long  1,000'].join('\n'),
    );
  });
});
