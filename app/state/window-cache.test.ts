import { expect, test } from 'vitest';
import { StateglassError } from '../../src-core/index.ts';
import { windowCache } from './window-cache.ts';

interface Asked {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly answer: (value: string) => Promise<void>;
  readonly fail: () => Promise<void>;
}

function makeCache(keep = 10) {
  const asked: Asked[] = [];
  let changes = 0;
  const settle = () => new Promise<void>((resolve) => setTimeout(resolve));
  const cache = windowCache<string>({
    keep,
    read: (key, signal) =>
      new Promise((resolve, reject) => {
        asked.push({
          key,
          signal,
          answer(value) {
            resolve(value);
            return settle();
          },
          fail() {
            reject(new StateglassError({ kind: 'not-found', what: key, detail: 'gone' }));
            return settle();
          },
        });
      }),
  });
  cache.reads.subscribe(() => changes++);
  return { cache, asked, changes: () => changes, keys: () => asked.map(({ key }) => key) };
}

test('what is in sight is read at once, what is near it afterwards, two at a time', async () => {
  const { cache, asked, keys, changes } = makeCache();
  cache.want(['a', 'b'], ['c', 'd', 'e']);
  expect(keys()).toEqual(['a', 'b']);
  await asked[0]!.answer('A');
  expect(keys()).toEqual(['a', 'b']);
  await asked[1]!.answer('B');
  expect(keys()).toEqual(['a', 'b', 'c', 'd']);
  await asked[2]!.answer('C');
  expect(keys()).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect([cache.get('a'), cache.get('c'), cache.get('e')]).toEqual(['A', 'C', undefined]);
  expect(changes()).toBe(3);
});

test('what was scrolled past is cancelled, and its late answer is dropped', async () => {
  const { cache, asked, changes } = makeCache();
  cache.want(['a'], []);
  cache.want(['b'], []);
  expect(asked[0]!.signal.aborted).toBe(true);
  expect(asked[1]!.signal.aborted).toBe(false);
  await asked[0]!.answer('A');
  expect(cache.get('a')).toBeUndefined();
  expect(changes()).toBe(0);
});

test('keeps the parts seen last', async () => {
  const { cache, asked } = makeCache(2);
  for (const [i, key] of ['a', 'b'].entries()) {
    cache.want([key], []);
    await asked[i]!.answer(key);
  }
  cache.want(['a'], []);
  cache.want(['c'], []);
  await asked[2]!.answer('c');
  expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual(['a', undefined, 'c']);
});

test('a failure is told and stops reading until a person tries again', async () => {
  const { cache, asked, keys } = makeCache();
  cache.want(['a'], ['b']);
  await asked[0]!.fail();
  expect(cache.reads.error()).toMatchObject({ kind: 'not-found' });
  cache.want(['a', 'c'], []);
  expect(keys()).toEqual(['a']);
  cache.reads.retry();
  expect(cache.reads.error()).toBeUndefined();
  expect(keys()).toEqual(['a', 'a', 'c']);
});

test('stops', () => {
  const { cache, asked } = makeCache();
  cache.want(['a'], ['b']);
  cache.reads.stop();
  expect(asked[0]!.signal.aborted).toBe(true);
});

test('what is near waits until what is in sight was drawn', async () => {
  const asked: string[] = [];
  let drawn: () => void = () => {};
  const cache = windowCache<string>({
    keep: 10,
    read: async (key) => {
      asked.push(key);
      return key;
    },
    rest: () =>
      new Promise((resolve) => {
        drawn = resolve;
      }),
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  cache.want(['a'], ['b']);
  await settle();
  cache.want(['a'], ['b']);
  await settle();
  expect(asked).toEqual(['a']);
  drawn();
  await settle();
  expect(asked).toEqual(['a', 'b']);
});
