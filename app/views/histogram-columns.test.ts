import { expect, test } from 'vitest';
import type { Distribution } from '../../src-core/index.ts';
import { histogramColumns } from './histogram-columns.ts';

const points = (values: readonly number[], counts = values.map(() => 1)): Distribution => ({
  exact: true,
  low: Float64Array.from(values),
  high: Float64Array.from(values),
  counts: Float64Array.from(counts),
});
const sum = (counts: Float64Array) => counts.reduce((a, b) => a + b, 0);

test('every value stands in a column, the largest too', () => {
  const columns = histogramColumns(points([-1, 0.25, 0.5, 3]), false, 'all', 8)!;
  expect([...columns.counts]).toEqual([1, 0, 1, 1, 0, 0, 0, 1]);
  expect(columns).toMatchObject({ from: -1, to: 3, outside: 0 });
});

test('few integers have a column each', () => {
  const columns = histogramColumns(points([-2, 0, 1], [5, 7, 9]), true, 'all')!;
  expect([...columns.counts]).toEqual([5, 0, 7, 9]);
  expect(columns.firstInteger).toBe(-2);
  expect(histogramColumns(points([0, 1e6]), true, 'all')?.firstInteger).toBeUndefined();
});

test('the middle leaves the tails out and says how many they are', () => {
  const values = Array.from({ length: 1000 }, (_, i) => i / 100);
  const columns = histogramColumns(points([-1e9, ...values, 1e9]), false, 'middle')!;
  expect(columns.from).toBeGreaterThanOrEqual(0);
  expect(columns.to).toBeLessThan(10);
  expect(columns.outside).toBe(1002 - Math.round(sum(columns.counts)));
  expect(columns.outside).toBeGreaterThanOrEqual(8);
  expect(columns.outside).toBeLessThanOrEqual(12);
});

test('one value alone stands in the middle; none has no columns', () => {
  const columns = histogramColumns(points([4], [12]), false, 'all')!;
  expect(columns.counts.indexOf(12)).toBe((columns.counts.length - 1) / 2);
  expect(histogramColumns(points([]), false, 'all')).toBeUndefined();
});
