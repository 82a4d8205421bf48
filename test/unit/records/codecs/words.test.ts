import { describe, expect, it } from 'vitest';
import { codecOf } from '../../../../src/records/codecs/codec-of.ts';
import { codec, refusalOf, typeOf } from '../target-fixture.ts';

describe('boolean (G4)', () => {
  it.each([
    [true, 't'],
    [false, 'f'],
    [1, 't'],
    [0n, 'f'],
    [' TRUE ', 't'],
    ['y', 't'],
    ['on', 't'],
    ['of', 'f'],
    ['fal', 'f'],
  ])('writes %o as %s', (value, text) => {
    expect(codec('bool').encode(value)).toBe(text);
  });

  it.each(['o', '', 'truely', 2, -1, 0.5, 'null', []])('refuses %o', (value) => {
    expect(refusalOf(codec('bool'), value).message).toBe('is not a boolean');
  });
});

describe('text types (G4)', () => {
  it.each([
    ['text', 'ä\u{1F600}\n', 'ä\u{1F600}\n'],
    ['text', 12n, '12'],
    ['text', true, 'true'],
    ['text', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['text', '', ''],
    ['char', '', ''],
    ['char', 'x', 'x'],
    ['char', '\\377', '\\377'],
  ])('%s writes %o', (type, value, text) => {
    expect(codec(type).encode(value)).toBe(text);
  });

  it.each([
    ['text', 'a\0b', /U\+0000/],
    ['text', '\ud800x', /surrogate/],
    ['text', { a: 1 }, /not text/],
    ['text', [1], /not text/],
    ['text', Buffer.from('x'), /not text/],
    ['text', new Date(Number.NaN), /not text/],
    ['text', Symbol('x'), /not text/],
    ['char', 'xy', /single-byte/],
    ['char', 'é', /single-byte/],
    ['name', 'é'.repeat(32), /63 bytes/],
  ])('%s refuses %o', (type, value, message) => {
    expect(refusalOf(codec(type), value).message).toMatch(message);
  });

  it.each(['varchar', 'bpchar'])('%s(3) counts code points and lets blanks run over', (type) => {
    const three = codec(type, 3 + 4);
    expect(three.encode('\u{1F600}\u{1F600}\u{1F600}')).toHaveLength(6);
    expect(three.encode('abc   ')).toBe('abc   ');
    expect(refusalOf(three, 'abcd').message).toBe('is longer than 3 characters');
    expect(refusalOf(three, 'abc  d').message).toMatch(/longer than 3/);
  });

  it('never shows the text in the refusal', () => {
    expect(refusalOf(codec('varchar', 7), 'secret').got).toBe('string of 6 characters');
  });
});

describe('uuid', () => {
  const standard = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';

  it.each([
    standard,
    standard.toUpperCase(),
    `{${standard}}`,
    standard.replaceAll('-', ''),
    'a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11',
    '{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}',
  ])('writes %s in the standard form', (text) => {
    expect(codec('uuid').encode(text)).toBe(standard);
  });

  it.each([
    '',
    `{${standard}`,
    `${standard} `,
    standard.slice(1),
    `${standard.slice(0, -1)}g`,
    'a-0eebc999c0b4ef8bb6d6bb9bd380a11',
    1,
  ])('refuses %o', (value) => {
    expect(refusalOf(codec('uuid'), value).message).toBe('is not a UUID');
  });
});

describe('enum', () => {
  const mood = codecOf(typeOf('mood', { kind: 'enum', labels: ['happy', 'so so', '3'] }));

  it('takes its labels', () => {
    expect(['happy', 'so so', '3', 3].map((label) => mood.encode(label))).toEqual([
      'happy',
      'so so',
      '3',
      '3',
    ]);
  });

  it('suggests the nearest label (G8)', () => {
    expect(refusalOf(mood, 'Happy').hint).toBe('Did you mean "happy"?');
    expect(refusalOf(mood, 'furious').hint).toBe('Use one of the labels: "happy", "so so", "3".');
    expect(refusalOf(mood, true).message).toBe('is not one of the labels');
  });
});

describe('bit strings', () => {
  it('writes digits and checks the length of the column', () => {
    expect(codec('bit', 4).encode('1010')).toBe('1010');
    // The server reads these digits; equal bits are one key all the same.
    expect(codec('bit', 4).encode('XA')).toBe('xA');
    expect(codec('bit', 4).canonical?.('xA')).toBe('1010');
    expect(refusalOf(codec('bit', 4), 'xAB').message).toBe('has 8 bits, not 4');
    expect(codec('varbit', 4).encode('b1')).toBe('1');
    expect(refusalOf(codec('bit', 4), '101').message).toBe('has 3 bits, not 4');
    expect(refusalOf(codec('varbit', 4), '10101').message).toBe('has 5 bits, more than 4');
    expect(refusalOf(codec('varbit'), '102').message).toBe('is not a bit string');
    expect(refusalOf(codec('varbit'), 101).message).toBe('is not a bit string');
  });
});

describe('types without rules of their own', () => {
  it('pass text on, and refuse what has none', () => {
    const range = codecOf(typeOf('int4range', { kind: 'range' }));
    expect(range.encode('[1,5)')).toBe('[1,5)');
    expect(codec('inet').encode('10.0.0.1/8')).toBe('10.0.0.1/8');
    expect(codec('xid').encode(5)).toBe('5');
    expect(refusalOf(range, { lower: 1 }).hint).toMatch(/own syntax/);
    expect(refusalOf(codec('inet'), '').message).toMatch(/inet/);
    expect(refusalOf(codec('xml'), '<a>\0</a>').message).toMatch(/U\+0000/);
  });
});
