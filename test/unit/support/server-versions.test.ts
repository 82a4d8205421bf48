// Which versions `make test` takes: whatever the commit, the oldest and the newest, and each of the others at some commit.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NEWEST, newestOldestAndOneOf } from '../../support/server-versions.ts';

const OLDEST = 12;
const hash = fc
  .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 40, maxLength: 40 })
  .map((digits) => digits.join(''));

test('the newest, the oldest and one between them, the same for the same commit', () => {
  fc.assert(
    fc.property(hash, (commit) => {
      const { majors, why } = newestOldestAndOneOf(commit);
      const [newest, oldest, one = Number.NaN] = majors;
      expect([newest, oldest]).toEqual([NEWEST, OLDEST]);
      expect(one > OLDEST && one < NEWEST).toBe(true);
      expect(newestOldestAndOneOf(commit).majors).toEqual(majors);
      expect(why).toContain(`RELYT_TEST_VERSIONS=${majors.join(',')}`);
    }),
  );
});

test('each version between them has its turn', () => {
  const commits = Array.from({ length: 5 }, (_, n) => `000000${n}`.padEnd(40, '0'));
  const chosen = new Set(commits.map((commit) => newestOldestAndOneOf(commit).majors.at(-1)));
  expect([...chosen].sort()).toEqual([13, 14, 15, 16, 17]);
});
