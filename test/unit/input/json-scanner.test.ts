import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonFault } from '../../../src/core/json-tokens.ts';
import { type JsonRecord, JsonScanner } from '../../../src/input/json-scanner.ts';

function scan(text: string, jsonColumns: readonly string[] = []): JsonRecord {
  return new JsonScanner(new Set(jsonColumns)).readRecord(text);
}

function fault(text: string, jsonColumns: readonly string[] = []): JsonFault {
  try {
    scan(text, jsonColumns);
  } catch (error) {
    if (error instanceof JsonFault) return error;
    throw error;
  }
  throw new Error(`accepted ${text}`);
}

describe('values', () => {
  it('keep every digit of a number (G4)', () => {
    const record = scan('{"a":9007199254740993,"b":-0.10,"c":1e400,"d":1E+2,"e":-0,"f":0}');
    expect({ ...record }).toEqual({
      a: '9007199254740993',
      b: '-0.10',
      c: '1e400',
      d: '1E+2',
      e: '-0',
      f: '0',
    });
  });

  it('are strings, booleans and null as in JSON', () => {
    const record = scan(
      ' { "s" : "a\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00" , "t":true,"f":false,"n":null,"":""} \r',
    );
    expect({ ...record }).toEqual({
      s: 'a"\\/\b\f\n\r\té😀',
      t: true,
      f: false,
      n: null,
      '': '',
    });
  });

  it('leave NUL and lone surrogates to the codecs', () => {
    expect(scan('{"a":"x\\u0000\\ud800"}').a).toBe('x\0\ud800');
  });

  it('are arrays with their elements as above, objects in them as JSON text', () => {
    const record = scan(
      '{"a":[1.10,"x",null,[true,[]], {"b": [1.0]} ],"e":[ ],"o":{ "k" : 1.10 },"p":{}}',
    );
    expect({ ...record }).toEqual({
      a: ['1.10', 'x', null, [true, []], '{"b": [1.0]}'],
      e: [],
      o: '{ "k" : 1.10 }',
      p: '{}',
    });
  });

  it('stay JSON text in json columns, except null (G4)', () => {
    const text =
      '{"s": "a\\u00e9" , "n":1.10,"t":true,"a":[1.0, "x" ],"o":{"k": null},"z":null,"q":"null"}';
    expect({ ...scan(text, ['s', 'n', 't', 'a', 'o', 'z', 'q']) }).toEqual({
      s: '"a\\u00e9"',
      n: '1.10',
      t: 'true',
      a: '[1.0, "x" ]',
      o: '{"k": null}',
      z: null,
      q: '"null"',
    });
  });
});

describe('keys', () => {
  it('of Object.prototype are keys like any other', () => {
    const record = scan('{"__proto__":{"polluted":1},"constructor":"c","toString":"t"}');
    expect(Object.keys(record)).toEqual(['__proto__', 'constructor', 'toString']);
    expect(Reflect.get(record, '__proto__')).toBe('{"polluted":1}');
    expect(record.hasOwnProperty).toBeUndefined();
    expect('polluted' in {}).toBe(false);
    expect(Reflect.get(scan('{}'), '__proto__')).toBeUndefined();
  });

  it('may not be there twice, however they are written', () => {
    expect(fault('{"a":1,"\\u0061":2}')).toMatchObject({
      index: 7,
      message: 'the key "a" appears twice',
    });
    expect(fault('{"__proto__":1,"__proto__":2}').index).toBe(15);
  });
});

describe('faults', () => {
  it.each([
    ['', 0, 'expected a JSON object, got the end of the line'],
    ['[1]', 0, 'expected a JSON object, got "["'],
    ['"a"', 0, 'expected a JSON object, got "\\""'],
    ['{', 1, 'expected a key in double quotes, got the end of the line'],
    ['{a:1}', 1, 'expected a key in double quotes, got "a"'],
    ["{'a':1}", 1, 'expected a key in double quotes, got "\'"'],
    ['{"a" 1}', 5, 'expected ":" after the key, got "1"'],
    ['{"a":}', 5, 'expected a JSON value, got "}"'],
    ['{"a":1,}', 7, 'expected a key in double quotes, got "}"'],
    ['{"a":1 "b":2}', 7, 'expected "," or "}", got "\\""'],
    ['{"a":[1,]}', 8, 'expected a JSON value, got "]"'],
    ['{"a":[1 2]}', 8, 'expected "," or "]", got "2"'],
    ['{"a":NaN}', 5, 'expected a JSON value, got "N"'],
    ['{"a":-Infinity}', 5, 'expected a JSON value, got "-"'],
    ['{"a":01}', 6, 'expected "," or "}", got "1"'],
    ['{"a":1.}', 6, 'expected "," or "}", got "."'],
    ['{"a":+1}', 5, 'expected a JSON value, got "+"'],
    ['{"a":truer}', 9, 'expected "," or "}", got "r"'],
    ['{"a":"\t"}', 6, 'expected the rest of a string, got "\\t"'],
    ['{"a":"b', 7, 'expected the rest of a string, got the end of the line'],
    ['{"a":"\\x"}', 6, 'expected a valid escape sequence, got "\\\\"'],
    ['{"a":"\\u12g4"}', 6, 'expected a valid escape sequence, got "\\\\"'],
    ['{"a":1}{"b":2}', 7, 'expected the end of the line, got "{"'],
    ['{"a":1} 😀', 8, 'expected the end of the line, got "😀"'],
    ['{"a":\u00a01}', 5, 'expected a JSON value, got "\u00a0"'],
    ['{"a":\v1}', 5, 'expected a JSON value, got "\\u000b"'],
  ])('of %j are named with their place', (text, index, message) => {
    expect(fault(text)).toMatchObject({ index, message });
    if (text.startsWith('{"a"')) expect(fault(text, ['a'])).toMatchObject({ index, message });
  });

  it('are levels beyond 1000, instead of a stack that overflows (G5)', () => {
    const nested = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    for (const jsonColumns of [[], ['a']]) {
      expect(() => scan(nested(1000), jsonColumns)).not.toThrow();
      expect(fault(nested(1001), jsonColumns).message).toContain('at most 1000 levels');
      expect(fault(nested(1_000_000), jsonColumns).index).toBe(1005);
    }
  });
});

/** What JSON.parse makes of the scanner's own reading of numbers as text. */
function normalized(value: unknown): unknown {
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map(normalized);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

describe('against JSON.parse', () => {
  it('reads the same values', () => {
    const key = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue({ noUnicodeString: false })), (value) => {
        const text = JSON.stringify(value);
        const raw = scan(text, Object.keys(value));
        for (const [name, member] of Object.entries(value)) {
          // As a json column: exactly the text, which gives exactly the value.
          expect(raw[name] ?? 'null').toBe(JSON.stringify(member));
        }
        expect(Object.keys(scan(text)).sort()).toEqual(Object.keys(value).sort());
        const parsed = JSON.parse(text) as Record<string, unknown>;
        for (const [name, member] of Object.entries(scan(text))) {
          expect(comparable(member)).toEqual(comparable(normalized(parsed[name])));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('accepts and refuses the same texts', () => {
    const piece = fc.constantFrom(
      ...['{', '}', '[', ']', ',', ':', '"a"', '"b"', '"', '\\', 'u0041', '\\u0041', '\\n'],
      ...['0', '1', '-', '.', 'e', '+', 'true', 'null', ' ', '\t', 'x', '"c":', '1.5e-3'],
    );
    const texts = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    const wrapped = texts.map((text) => `{"k":${text}}`);
    fc.assert(
      fc.property(fc.oneof(texts, wrapped), fc.boolean(), (text, json) => {
        const outcome = outcomeOf(() => scan(text, json ? ['a', 'b', 'c', 'k'] : []));
        // JSON.parse keeps the last of two equal keys, and may meet a fault after them: the one intended difference.
        if (outcome !== 'key twice') expect(outcome === 'accepted').toBe(isObject(text));
      }),
      { numRuns: 5000 },
    );
  });
});

/** Numbers as text, as the scanner leaves them. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  return typeof value === 'number' ? JSON.stringify(value) : value;
}

function outcomeOf(read: () => unknown): 'accepted' | 'refused' | 'key twice' {
  try {
    read();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return error.message.endsWith('appears twice') ? 'key twice' : 'refused';
  }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
