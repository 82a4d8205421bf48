import { expect, test } from 'vitest';
import { inOrder } from '../../../src/core/in-order.ts';

const later = <T>(value: T) => new Promise<T>((resolve) => setImmediate(resolve, value));

test('gives what each came to', async () => {
  const [one, two] = await inOrder([later(1), Promise.resolve('two')]);
  expect([one, two]).toEqual([1, 'two']);
});

test('the first of the list is what failed, however late it did', async () => {
  const first = later('first').then((reason) => Promise.reject(new Error(reason)));
  const second = Promise.reject(new Error('second'));
  await expect(inOrder([Promise.resolve(0), first, second])).rejects.toThrow('first');
});
