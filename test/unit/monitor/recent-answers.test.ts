import { expect, test } from 'vitest';
import { RecentAnswers } from '../../../src/monitor/recent-answers.ts';

test('who asks the same within the time shares an answer', async () => {
  let now = 0;
  let asked = 0;
  const answers = new RecentAnswers(1000, () => now);
  const ask = async () => ++asked;

  const together = await Promise.all([answers.get('a', ask), answers.get('a', ask)]);
  expect(together).toEqual([1, 1]);
  expect(await answers.get('b', ask)).toBe(2);
  now = 999;
  expect(await answers.get('a', ask)).toBe(1);
  now = 1000;
  expect(await answers.get('a', ask)).toBe(3);
});

test('a failure reaches the requests that waited for it, and is not kept', async () => {
  const answers = new RecentAnswers(1000, () => 0);

  await expect(answers.get('a', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  expect(await answers.get('a', async () => 'there')).toBe('there');
});
