import { describe, expect, it } from 'vitest';
import { choiceOf } from '../../../../src/core/connection/choice.ts';
import { checkedOptions } from '../../../../src/core/connection/keywords.ts';

const given = (sslcertmode: string) => checkedOptions([['sslcertmode', sslcertmode]], 'the test');
const WORDS = ['allow', 'disable'] as const;

describe('an option that is one of a few words', () => {
  it.each(WORDS)('is %s where that is given', (word) => {
    expect(choiceOf(given(word), 'sslcertmode', WORDS)).toBe(word);
  });

  it('is none where it is not given', () => {
    expect(choiceOf(given(''), 'sslcertmode', WORDS)).toBeUndefined();
  });

  it('is read letter by letter, unless it is said otherwise', () => {
    expect(() => choiceOf(given('Allow'), 'sslcertmode', WORDS)).toThrow(
      /^The option sslcertmode has a value/,
    );
    expect(choiceOf(given('Allow'), 'sslcertmode', WORDS, { ignoresCase: true })).toBe('allow');
  });

  it.each([
    [undefined, 'Use one of: allow, disable.'],
    ['Ask the server for it.', 'Ask the server for it.'],
  ])(
    'is refused as another word, which is not quoted: it may be a secret (G7, G8)',
    (hint, told) => {
      const refused = expect.objectContaining({ code: 'CONFIG_INVALID', hint: told });
      const choose = () => choiceOf(given('pa55word'), 'sslcertmode', WORDS, { hint });
      expect(choose).toThrow(refused);
      expect(choose).not.toThrow(/pa55word/);
    },
  );
});
