import { expect, test } from 'vitest';
import { joinKeys, placesOf } from './join-keys.ts';
import type { Outline } from './outline.ts';

const outlineOf = (...keys: readonly string[]): Outline => ({
  entries: keys.map((key) => ({ key, parts: key.split('.'), value: { kind: 'tensor' } })),
  origin: 'document',
});

test('what has the same key is told by places on either side', () => {
  const { sourceOf, given, targetOf } = joinKeys(outlineOf('a', 'b', 'c'), outlineOf('c', 'x', 'a'));
  expect([[...sourceOf], [...given], [...targetOf]]).toEqual([
    [2, -1, 0],
    [0, 1, 2],
    [2, -1, 0],
  ]);
});

test('of a key that is there twice the last counts, in the place of the first', () => {
  const [target, source] = [outlineOf('a', 'b', 'a'), outlineOf('a', 'x', 'b', 'x', 'a')];
  const { sourceOf, given, targetOf } = joinKeys(target, source);
  expect([[...sourceOf], [...given], [...targetOf]]).toEqual([
    [4, 2, 4],
    [4, 3, 2],
    [2, -1, 1, -1, 2],
  ]);
  expect(placesOf(target).get('a')).toBe(2);
});

test('two outlines are joined once', () => {
  const [target, source] = [outlineOf('a'), outlineOf('a')];
  expect(joinKeys(target, source)).toBe(joinKeys(target, source));
  expect(joinKeys(target, outlineOf('a'))).not.toBe(joinKeys(target, source));
});
