import { expect, test } from 'vitest';
import type { RowStats } from '../../../src-core/index.ts';
import { orderRows, rowBuckets } from './row-buckets.ts';

const stats = (mean: readonly number[]): RowStats => {
  const column = Float64Array.from(mean);
  return {
    rows: mean.length,
    mean: column,
    std: column.map(() => 1),
    min: column.map((value) => value - 2),
    max: column.map((value) => value + 3),
    l2: column.map(Math.abs),
    zeros: column.map(() => 4),
    notFinite: column.map(() => 0),
    fingerprints: new Uint32Array(2 * mean.length),
  };
};

test('few rows have a place each, in any order', () => {
  const some = stats([3, Number.NaN, 7]);
  expect(rowBuckets(some).map(({ first, min, max }) => [first, min, max])).toEqual([
    [0, 1, 6],
    [1, Number.NaN, Number.NaN],
    [2, 5, 10],
  ]);
  const order = orderRows(some.mean);
  expect([...order]).toEqual([2, 0, 1]);
  expect(rowBuckets(some, order).map(({ first }) => first)).toEqual([2, 0, 1]);
});

test('many rows share places, and none is left out', () => {
  const many = stats(Array.from({ length: 1001 }, (_, i) => (i === 500 ? 1e6 : 1)));
  const buckets = rowBuckets(many);
  expect(buckets.length).toBeLessThanOrEqual(400);
  expect(buckets.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(1001);
  expect(Math.max(...buckets.map((bucket) => bucket.max))).toBe(1e6 + 3);
});
