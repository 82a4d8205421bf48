import { describe, expect, test } from 'vitest';
import {
  type CodeFact,
  foreignCodeHint,
  foreignCodeText,
  isForeign,
  partName,
} from '../../../src/core/foreign-code.ts';

const RELATION = 'relyt_sys."odd on x"';

function fact(given: Partial<CodeFact> = {}): CodeFact {
  return {
    kind: 'policy',
    object: `mine on ${RELATION}`,
    relation: RELATION,
    routed: null,
    on: 'function public.f()',
    owner: 'mallory',
    trusted: false,
    pinned: true,
    ...given,
  };
}

const OUR_FUNCTION = fact({ kind: 'function', object: 'relyt_sys.f()', relation: null, on: null });
const VIEW = fact({
  kind: 'rule',
  object: '"_RETURN" on app.events_relyt_all',
  relation: 'app.events_relyt_all',
  routed: ['app', 'events'],
});

describe('what an object of ours depends on', () => {
  test.each([
    ['elsewhere', fact(), true],
    ['elsewhere, of a trusted owner', fact({ trusted: true }), true],
    ['a trigger of another role', fact({ kind: 'trigger' }), true],
    ['a trigger of a trusted one', fact({ kind: 'trigger', trusted: true }), false],
    ['a function of another role', OUR_FUNCTION, true],
    ['a trusted function', { ...OUR_FUNCTION, trusted: true }, false],
    ['a function without a path', { ...OUR_FUNCTION, trusted: true, pinned: false }, true],
  ])('is judged: %s', (_, given, expected) => {
    expect(isForeign(given)).toBe(expected);
  });

  test('is said with the owner', () => {
    expect(foreignCodeText(fact())).toBe(
      `the policy mine on ${RELATION} depends on the function public.f() of "mallory"`,
    );
    expect(foreignCodeText(OUR_FUNCTION)).toBe('the function relyt_sys.f() belongs to "mallory"');
  });
});

describe('the hint', () => {
  test('names a part as the server does, whatever is in the names', () => {
    expect(partName(fact({ object: `"a on b" on ${RELATION}` }))).toBe('"a on b"');
    const object = `for ${RELATION}."c.d"`;
    expect(partName(fact({ kind: 'default value', object }))).toBe('"c.d"');
  });

  test('is init alone where all can be mended', () => {
    expect(foreignCodeHint([fact()], () => true)).toBe(
      'Run `relyt init` as an administrator: it makes them again.',
    );
  });

  test('drops each object once, and says how a view comes again', () => {
    expect(foreignCodeHint([fact(), fact({ on: 'type public.t' }), VIEW], () => false)).toBe(
      `Look at who made them, run \`DROP POLICY mine ON ${RELATION}; DROP VIEW app.events_relyt_all;\`, and then \`relyt init\` and \`relyt init --routing app.events --view\` as an administrator.`,
    );
  });

  test('quotes a name for the shell', () => {
    const hint = foreignCodeHint([{ ...VIEW, routed: ['app', "it's"] }], () => false);
    expect(hint).toContain(`--routing 'app.it'\\''s' --view`);
  });

  test('says what a dropped schema takes along, and drops it last', () => {
    const column = fact({ kind: 'table column', object: `${RELATION}.c` });
    const hint = foreignCodeHint([column, VIEW], () => false);
    expect(hint).toContain('First save what you need of relyt_sys');
    expect(hint).toContain('DROP VIEW app.events_relyt_all; DROP SCHEMA relyt_sys CASCADE;');
  });
});
