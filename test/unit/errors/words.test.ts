// G8: every message says what happened in a sentence, and every hint what to do. Read from the sources, because no run
// meets all of them. How they are written: docs/internals/style.md.

import { describe, expect, it } from 'vitest';
import { findSlips } from '../../../scripts/words/slips.mjs';
import { ERROR_CODES } from '../../../src/errors.ts';
import { type SourceText, SourceTexts, UNKNOWN } from '../../support/words/source-texts.ts';

const texts = new SourceTexts();

/** Of a text that another error gives, nothing can be said here: it is checked where it is made. */
const isKnown = ({ text }: SourceText) => /[a-z]{2}/i.test(text);
const inPlaces = (found: readonly SourceText[], isWrong: (text: string) => boolean) =>
  found.filter(({ text }) => isWrong(text)).map(({ place, text }) => `${place}: ${text}`);
const slipsIn = (found: readonly SourceText[]) =>
  inPlaces(found, (text) => findSlips(withoutCode(text), 'string').length > 0);

function withoutCode(text: string): string {
  return text.replace(/`[^`]*`/g, '`');
}

/** A capital letter; or a name comes first: of a setting, a function, an option or whatever a run fills in. */
function hasBeginning(text: string): boolean {
  const first = text.split(' ', 1)[0] ?? '';
  return /^[A-Z…"'`@-]/.test(first) || /[._(A-Z]/.test(first);
}

/** A message that closes with that of another error has its full stop. */
function hasEnd(text: string): boolean {
  return /[.?]$/.test(text) || text.endsWith(UNKNOWN);
}

function isSentence(text: string): boolean {
  return hasBeginning(text) && hasEnd(text);
}

/** Words that begin an instruction. */
const VERBS = new Set(
  `Abort Add Allow Alter Attach Await Change Check Choose Close Connect Continue Convert Correct Create Delete Do Drop
  Find Fix Get Give Have Insert Install Keep Leave Load Look Make Mark Migrate Name Open Pass Put Quote Raise Remove Rename Repair
  Replace Report Resume Return Route Run See Separate Set Stage Start Stop Store Synchronise Try Undo Unset Update Use
  Wait Wrap Write Decode Decompress Export Restore Save`.split(/\s+/),
);

/** An instruction, the condition of one, a command, or a question that names the right word. */
function isInstruction(text: string): boolean {
  const first = text.split(/[ :.]/, 1)[0] ?? '';
  return VERBS.has(first) || /^(If|To|First|Did you mean|…)|\brelyt [a-z]+ /.test(text);
}

const messages = texts.messages().filter(isKnown);
const hints = texts.hints().filter(isKnown);

describe('messages of errors', () => {
  it('are found where they are made', () => {
    expect(messages.length).toBeGreaterThan(300);
    expect(messages.map(({ text }) => text)).toContain('The task … was aborted.');
  });

  it('are sentences', () => {
    expect(inPlaces(messages, (text) => !isSentence(text))).toEqual([]);
  });

  it('have at most 250 characters of ours', () => {
    expect(inPlaces(messages, (text) => text.length > 250)).toEqual([]);
  });

  it('have no slips', () => {
    expect(slipsIn(messages)).toEqual([]);
  });
});

describe('hints', () => {
  it('are found where they are given', () => {
    expect(hints.length).toBeGreaterThan(250);
    expect(hints.map(({ text }) => text)).toContain(ERROR_CODES.CONFIG_INVALID.hint);
  });

  it('are instructions', () => {
    expect(inPlaces(hints, (text) => !isInstruction(text))).toEqual([]);
  });

  it('are sentences, or end with a command to run', () => {
    const isEnded = (text: string) => /[.?`;]$/.test(text) || text.endsWith(UNKNOWN);
    expect(inPlaces(hints, (text) => !isEnded(text))).toEqual([]);
  });

  it('have at most 300 characters of ours', () => {
    expect(inPlaces(hints, (text) => text.length > 300)).toEqual([]);
  });

  it('have no slips', () => {
    expect(slipsIn(hints)).toEqual([]);
  });
});

describe('codes of errors', () => {
  it('mean something, in sentences', () => {
    const meanings = Object.entries(ERROR_CODES).map(([place, { meaning }]) => ({
      place,
      text: meaning,
    }));
    expect(inPlaces(meanings, (text) => !isSentence(text) || text.length > 350)).toEqual([]);
    expect(slipsIn(meanings)).toEqual([]);
  });
});

describe('descriptions of commands and options', () => {
  const described = texts.helpTexts().filter(isKnown);

  it('are found', () => {
    expect(described.map(({ text }) => text)).toContain('print one JSON object');
  });

  it('begin with a small letter or a name, and have no full stop', () => {
    const isPhrase = (text: string) =>
      /^([a-z…]|[A-Z][A-Z0-9]|JSON)/.test(text) && !/\.$/.test(text);
    expect(inPlaces(described, (text) => !isPhrase(text) && !text.includes('\n'))).toEqual([]);
  });

  it('have at most 130 characters', () => {
    expect(inPlaces(described, (text) => text.length > 130)).toEqual([]);
  });

  it('have no slips', () => {
    expect(slipsIn(described)).toEqual([]);
  });
});

describe('what editors and reference pages show', () => {
  const shown: readonly SourceText[] = [
    ...texts.hoverTexts('src/config/'),
    ...texts.describedSettings(),
    ...texts.hoverTexts('src/events.ts'),
    ...texts.hoverTexts('src/migrate/migration-report.ts'),
    ...texts.hoverTexts('src/errors.ts'),
    ...texts.hoverTexts('src/operations/'),
  ].filter(isKnown);

  it('are sentences', () => {
    expect(inPlaces(shown, (text) => !isSentence(text))).toEqual([]);
  });

  it('have at most 400 characters', () => {
    expect(inPlaces(shown, (text) => text.length > 400)).toEqual([]);
  });

  it('have no slips', () => {
    expect(slipsIn(shown)).toEqual([]);
  });
});
