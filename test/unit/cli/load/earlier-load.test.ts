// G1: which unfinished task a load goes on with.

import { describe, expect, test } from 'vitest';
import {
  chooseEarlier,
  type EarlierLoad,
  earlierOfKey,
} from '../../../../src/cli/load/earlier-load.ts';
import { matchSources } from '../../../../src/cli/load/same-source.ts';
import type { FileSource } from '../../../../src/cli/load/stored-source.ts';

const source = (changes: Partial<FileSource> = {}): FileSource => ({
  kind: 'file',
  path: '/data/events.csv',
  size: 100,
  modifiedAt: '2026-11-29T13:00:00.000Z',
  input: { header: true, format: undefined, null: undefined },
  skipRecords: 0,
  ...changes,
});

const stored = (
  of: object | string,
  changes: Partial<EarlierLoad['row']> = {},
  processId = 'a',
): EarlierLoad => ({
  processId,
  row: {
    status: 'FAILED',
    settings: { source: JSON.parse(JSON.stringify(of)) },
    lastOrdinal: 10,
    position: undefined,
    ...changes,
  },
});

const stream = { kind: 'stream', name: 'standard input' } as const;

test.each([
  ['same', source()],
  ['other', source({ path: '/data/other.csv' })],
  ['changed', source({ size: 101 })],
  ['changed', source({ modifiedAt: '2026-11-29T13:00:01.000Z' })],
  ['read otherwise', source({ skipRecords: 5 })],
  ['read otherwise', source({ input: { header: true, delimiter: ';' } })],
  ['same', source({ input: {} })],
  ['read otherwise', source({ input: { format: 'text' } })],
  ['read otherwise', source({ input: { header: false } })],
  ['other', stream],
])('an input is %s than that of a task', (match, now) => {
  const kept = JSON.parse(JSON.stringify(source())) as FileSource;
  expect(matchSources(kept, now)).toBe(match);
});

test('of a stream nobody can tell, and of another program nothing is known', () => {
  expect(matchSources(stream, stream)).toBe('same');
  expect(matchSources(undefined, source())).toBe('other');
});

describe('without a key', () => {
  test('the newest load of the same file goes on', () => {
    const loads = [stored(source(), {}, 'newest'), stored(source(), {}, 'older')];
    expect(chooseEarlier(loads, source()).earlier?.processId).toBe('newest');
  });

  test('one that stopped before it had anything does not, one that may run does', () => {
    const nothing = { lastOrdinal: 0 };
    expect(chooseEarlier([stored(source(), nothing)], source()).earlier).toBeUndefined();
    const running = stored(source(), { ...nothing, status: 'RUNNING' });
    expect(chooseEarlier([running], source()).earlier).toBe(running);
  });

  test('a file that was written to is another one, but not in silence', () => {
    const before = stored(source({ size: 50 }));
    expect(chooseEarlier([before], source())).toEqual({ earlier: undefined, outdated: before });
  });

  test('other records to skip are asked for by the caller; another format is refused', () => {
    const begun = [stored(source())];
    expect(chooseEarlier(begun, source({ skipRecords: 5 })).earlier).toBeUndefined();
    const otherwise = source({ input: { header: false } });
    expect(() => chooseEarlier(begun, otherwise)).toThrow(/other format options/);
  });
});

describe('with a key', () => {
  const found = (load: EarlierLoad) => ({ state: 'unfinished' as const, ...load });

  test('the same input goes on, another one is refused unless it is allowed', () => {
    const load = found(stored(source()));
    expect(earlierOfKey(load, source(), [])).toBe(load);
    expect(() => earlierOfKey(load, source({ size: 101 }), [])).toThrow(/another input/);
    expect(() => earlierOfKey(load, stream, [])).toThrow(/another input/);
    expect(earlierOfKey(load, source({ size: 101 }), ['source'])).toBe(load);
  });

  test('a task of another program is refused whatever is allowed', () => {
    const load = found(stored('the topic news'));
    expect(() => earlierOfKey(load, source(), ['source'])).toThrow(/another program/);
  });

  test('one that stopped before it had anything leaves its key', () => {
    const load = found(stored(source({ size: 1 }), { lastOrdinal: 0 }));
    expect(earlierOfKey(load, source(), [])).toBeUndefined();
  });
});
