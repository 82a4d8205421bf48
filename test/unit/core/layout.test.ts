import { describe, expect, it } from 'vitest';
import {
  CSV,
  copyFormat,
  type Layout,
  layoutOf,
  layoutText,
  sameLayout,
} from '../../../src/core/layout.ts';

const BINARY: Layout = { format: 'binary', forms: ['native', 'native'] };
const TUPLES: Layout = { format: 'tuples', forms: ['native', 'native'] };

describe('the layout of a staged file', () => {
  it.each([
    [CSV, 'csv'],
    [BINARY, 'binary:nn'],
    [{ format: 'binary', forms: ['text', 'native'] }, 'binary:tn'],
    [TUPLES, 'tuples:nn'],
  ] satisfies [Layout, string][])('is read as it was stored: %o, %s', (layout, text) => {
    expect(layoutText(layout)).toBe(text);
    expect(layoutOf(text, 2)).toEqual(layout);
  });

  it.each(['tuples', 'tuples:n', 'tuples:nnn', 'rows:nn', 'tuples:nx'])('%s is none', (text) => {
    expect(() => layoutOf(text, 2)).toThrow(
      expect.objectContaining({ code: 'BOOKKEEPING_INVALID' }),
    );
  });

  it('with ordinals is another one than without (G3): no import reads both', () => {
    expect(sameLayout(BINARY, TUPLES)).toBe(false);
    expect(sameLayout(TUPLES, { ...TUPLES })).toBe(true);
    expect([CSV, BINARY, TUPLES].map(copyFormat)).toEqual(['csv', 'binary', 'binary']);
  });
});
